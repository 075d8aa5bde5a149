import { TandemError } from '@tandem/actors/errors/tandem-error.ts';
import { MPEGDecoder } from 'mpg123-decoder';
import type { SampleRate } from './codec.ts';
import { SAMPLE_RATE } from './goertzel.ts';
import { join, Resampler } from './resample.ts';

/** Bytes that are decoded at a time, so that a long file is never in memory at its full rate. */
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
 * Decodes an MP3 file to one channel of a rate. Uses the CPU throughout: run it in a worker.
 *
 * @param longest Most samples that may come out.
 * @throws media.unsupported-format, media.file-too-large
 */
export const readMp3 = async (
  bytes: Uint8Array,
  longest: number,
  to: SampleRate = SAMPLE_RATE,
): Promise<Int16Array> => {
  const decoder = new MPEGDecoder();
  await decoder.ready;
  let resampler: Resampler | undefined;
  try {
    const parts: Int16Array[] = [];
    let rate = 0;
    let length = 0;
    for (let at = 0; at < bytes.length; at += CHUNK) {
      const decoded = decoder.decode(bytes.subarray(at, at + CHUNK));
      if (decoded.samplesDecoded === 0) continue;
      if (resampler && decoded.sampleRate !== rate) throw unreadable('its sample rate changes');
      rate = decoded.sampleRate;
      resampler ??= await Resampler.open(rate, to);
      const part = resampler.push(mono(decoded.channelData, decoded.samplesDecoded));
      parts.push(part);
      length += part.length;
      if (length > longest) throw tooLong(longest, to);
    }
    if (!resampler) throw unreadable('it has no frame that can be decoded');
    parts.push(resampler.end());
    resampler = undefined;
    return join(parts);
  } finally {
    resampler?.close();
    decoder.free();
  }
};

const unreadable = (detail: string): TandemError =>
  new TandemError('media.unsupported-format', { format: 'MP3', detail });

/** The error of a file that lasts longer than so many samples. */
export const tooLong = (longest: number, sampleRate: number): TandemError =>
  new TandemError('media.file-too-large', {
    what: 'The audio file',
    limit: `${Math.floor(longest / sampleRate)} seconds`,
  });
