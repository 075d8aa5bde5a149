import { decodeAlaw, decodeUlaw, encodeAlaw, encodeUlaw } from '../audio/g711.ts';
import type { CodecName } from '../media/media-plane.ts';

/** Our telephones speak G.711, which every other does. Encodes samples at 8 kHz into the first bytes of `out`. */
export const encode = (codec: CodecName, samples: Int16Array, out: Uint8Array): void => {
  if (codec === 'PCMU') encodeUlaw(samples, out);
  else encodeAlaw(samples, out);
};

export const decode = (codec: CodecName, payload: Uint8Array, out: Int16Array): Int16Array =>
  codec === 'PCMU' ? decodeUlaw(payload, out) : decodeAlaw(payload, out);
