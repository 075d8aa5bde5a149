import { TandemError } from '@tandem/actors/errors';
import { MPEGDecoder } from 'mpg123-decoder';

/** Bytes that are decoded at a time: at 8 kbit/s, the least there is, 16 seconds. */
const CHUNK = 16_384;

/** Whether bytes begin as an MP3 file does: with an ID3 tag or a frame's sync word. */
export const isMp3 = (bytes: Uint8Array): boolean =>
  (bytes[0] === 0x49 && bytes[1] === 0x44 && bytes[2] === 0x33) ||
  (bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xe6) === 0xe2);

const mono = (channels: readonly Float32Array[], length: number): Int16Array => {
  const samples = new Int16Array(length);
  for (let i = 0; i < length; i++) {
    let sum = 0;
    for (const channel of channels) sum += channel[i]!;
    samples[i] = Math.max(-32_768, Math.min(32_767, Math.round((sum / channels.length) * 32_768)));
  }
  return samples;
};

/**
 * Decodes an MP3 file to one channel at its own rate, slice by slice; a slice may be empty. Uses the CPU throughout: run
 * it in a thread.
 *
 * @throws media.unsupported-format
 */
export async function* mp3Slices(
  bytes: Uint8Array,
): AsyncGenerator<{ samples: Int16Array; sampleRate: number }, void> {
  const decoder = new MPEGDecoder();
  await decoder.ready;
  let rate = 0;
  try {
    for (let at = 0; at < bytes.length; at += CHUNK) {
      const { samplesDecoded, sampleRate, channelData } = decoder.decode(bytes.subarray(at, at + CHUNK));
      if (samplesDecoded > 0) rate = sampleRate;
      if (rate > 0) yield { samples: mono(channelData, samplesDecoded), sampleRate: rate };
    }
    if (rate === 0) throw unreadable('it has no frame that can be decoded');
  } finally {
    decoder.free();
  }
}

const unreadable = (detail: string): TandemError =>
  new TandemError('media.unsupported-format', { format: 'MP3', detail });
