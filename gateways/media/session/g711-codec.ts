import type { CodecName } from '../../audio/codecs/index.ts';
import { alawToUlaw, ulawToAlaw } from '../../audio/codecs/index.ts';

const isG711 = (codec: CodecName): boolean => codec === 'PCMU' || codec === 'PCMA';

/** Whether a payload becomes one of the other codec byte by byte, with nothing to remember. */
export const isRecoded = (from: CodecName, to: CodecName): boolean => isG711(from) && isG711(to);

/** Changes a G.711 payload into the other law, where it lies. */
export const recode = (from: CodecName, payload: Uint8Array): void => {
  if (from === 'PCMU') ulawToAlaw(payload, payload);
  else alawToUlaw(payload, payload);
};
