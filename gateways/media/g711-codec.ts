import { alawToUlaw, decodeAlaw, decodeUlaw, encodeAlaw, encodeUlaw, ulawToAlaw } from '../audio/g711.ts';
import type { CodecName } from './media-plane.ts';

/** Encodes samples at 8 kHz into the first bytes of `out`. */
export const encode = (codec: CodecName, samples: Int16Array, out: Uint8Array): void => {
  if (codec === 'PCMU') encodeUlaw(samples, out);
  else encodeAlaw(samples, out);
};

export const decode = (codec: CodecName, payload: Uint8Array, out: Int16Array): Int16Array =>
  codec === 'PCMU' ? decodeUlaw(payload, out) : decodeAlaw(payload, out);

/** Changes a payload into the other codec, where it lies. */
export const transcode = (from: CodecName, payload: Uint8Array): void => {
  if (from === 'PCMU') ulawToAlaw(payload, payload);
  else alawToUlaw(payload, payload);
};
