import { CODECS, type CodecName, openEncoder } from '../../audio/codecs/index.ts';

/** Packets after which an encoder that hears nothing says the same again and again. */
const SETTLED = 10;

const made = new Map<string, Uint8Array>();

/** A codec's silence of so many milliseconds: encoded once in a thread, for all who are silent. Not to be changed. */
export const silenceFrame = (codec: CodecName, interval: number): Uint8Array => {
  const key = `${codec}/${interval}`;
  let frame = made.get(key);
  if (frame === undefined) {
    frame = encodeSilence(codec, interval);
    made.set(key, frame);
  }
  return frame;
};

const encodeSilence = (codec: CodecName, interval: number): Uint8Array => {
  const encoder = openEncoder(codec);
  const samples = new Int16Array((interval * CODECS[codec].sampleRate) / 1000);
  const payload = new Uint8Array(1500);
  let size = 0;
  for (let i = 0; i < SETTLED; i++) size = encoder.encode(samples, payload);
  encoder.close();
  return payload.slice(0, size);
};
