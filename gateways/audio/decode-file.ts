import { TandemError } from '@tandem/actors/errors/tandem-error.ts';
import type { SampleRate } from './codec.ts';
import { decodeAlaw, decodeUlaw } from './g711.ts';
import { SAMPLE_RATE } from './goertzel.ts';
import { isMp3, readMp3, tooLong } from './mp3.ts';
import { resample } from './resample.ts';
import { isWav, readWav } from './wav.ts';

/** Media types of headerless G.711 (RFC 2046, section 4.3, and what web servers say in its place). */
const RAW: Readonly<Record<string, (bytes: Uint8Array) => Int16Array>> = {
  'audio/basic': decodeUlaw,
  'audio/pcmu': decodeUlaw,
  'audio/x-mulaw': decodeUlaw,
  'audio/pcma': decodeAlaw,
  'audio/x-alaw': decodeAlaw,
};

/**
 * Decodes an audio file to one channel of a rate: WAV, MP3, or raw G.711 when the media type says so. What the bytes say
 * goes before what the media type says.
 *
 * @param longest Most samples that may come out.
 * @throws media.unsupported-format, media.file-too-large
 */
export const decodeFile = async (
  bytes: Uint8Array,
  contentType: string,
  longest: number,
  to: SampleRate = SAMPLE_RATE,
): Promise<Int16Array> => {
  const type = contentType.split(';')[0]!.trim().toLowerCase();
  if (isWav(bytes)) {
    const { samples, sampleRate } = readWav(bytes);
    return within(longest, to, await resample(samples, sampleRate, to));
  }
  const raw = Object.hasOwn(RAW, type) ? RAW[type] : undefined;
  if (raw) return within(longest, to, await resample(raw(bytes), SAMPLE_RATE, to));
  if (isMp3(bytes)) return readMp3(bytes, longest, to);
  throw new TandemError('media.unsupported-format', {
    format: type || 'untyped',
    detail: 'it is neither WAV nor MP3',
  });
};

const within = (longest: number, sampleRate: number, samples: Int16Array): Int16Array => {
  if (samples.length > longest) throw tooLong(longest, sampleRate);
  return samples;
};
