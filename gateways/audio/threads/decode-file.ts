import { TandemError } from '@tandem/actors/errors';
import { decodeAlaw, decodeUlaw } from '../codecs/index.ts';
import { isMp3, isWav, mp3Slices, readWavHeader, wavSamples } from '../files/index.ts';
import { Resampler, SAMPLE_RATE } from '../signal/index.ts';
import type { DecodeJob } from './audio-jobs.ts';

/** Media types of headerless G.711 (RFC 2046, section 4.3, and what web servers say in its place). */
const RAW: Readonly<Record<string, (bytes: Uint8Array) => Int16Array>> = {
  'audio/basic': decodeUlaw,
  'audio/pcmu': decodeUlaw,
  'audio/x-mulaw': decodeUlaw,
  'audio/pcma': decodeAlaw,
  'audio/x-alaw': decodeAlaw,
};
/** Bytes of a file that are decoded at a time: 16 seconds at the most, of 4 kHz and 8 bits, in some 20 ms. */
const SLICE = 65_536;

interface Slice {
  readonly samples: Int16Array;
  readonly sampleRate: number;
}

/**
 * Decodes an audio file to one channel of a rate, slice by slice, so that neither all of its samples are in memory nor
 * whoever decodes it is kept from others for long: WAV, MP3, or raw G.711 when the media type says so. What the bytes
 * say goes before what the media type says. Uses the CPU throughout: run it in a thread.
 *
 * @throws media.unsupported-format; media.file-too-large, at once where the file tells how long it is
 */
export async function* decodeSlices({
  bytes,
  contentType,
  longest,
  to = SAMPLE_RATE,
}: DecodeJob): AsyncGenerator<Int16Array, void> {
  let resampler: Resampler | undefined;
  let rate = 0;
  let made = 0;
  const count = (samples: Int16Array): Int16Array => {
    made += samples.length;
    if (made > longest) throw tooLong(longest, to);
    return samples;
  };
  try {
    for await (const { samples, sampleRate } of slicesOf(bytes, contentType, longest / to)) {
      if (rate !== 0 && rate !== sampleRate)
        throw new TandemError('media.unsupported-format', {
          format: 'MP3',
          detail: 'its sample rate changes',
        });
      rate = sampleRate;
      if (rate !== to) resampler ??= await Resampler.open(rate, to);
      yield count(resampler?.push(samples) ?? samples);
    }
    const rest = resampler?.end();
    resampler = undefined;
    if (rest !== undefined && rest.length > 0) yield count(rest);
  } finally {
    resampler?.close();
  }
}

/** @param longest seconds */
function slicesOf(
  bytes: Uint8Array,
  contentType: string,
  longest: number,
): Iterable<Slice> | AsyncIterable<Slice> {
  const type = contentType.split(';')[0]!.trim().toLowerCase();
  if (isWav(bytes)) return wavSlices(bytes, longest);
  const raw = Object.hasOwn(RAW, type) ? RAW[type] : undefined;
  if (raw) return rawSlices(bytes, raw, longest);
  if (isMp3(bytes)) return mp3Slices(bytes);
  throw new TandemError('media.unsupported-format', {
    format: type || 'untyped',
    detail: 'it is neither WAV nor MP3',
  });
}

function* wavSlices(bytes: Uint8Array, longest: number): Iterable<Slice> {
  const header = readWavHeader(bytes);
  const { sampleRate, channels, bits, dataAt, dataSize } = header;
  const frame = (channels * bits) / 8;
  if (dataSize / frame / sampleRate > longest) throw tooLong(longest, 1);
  const step = SLICE - (SLICE % frame);
  for (let at = dataAt; at < dataAt + dataSize; at += step) {
    const data = bytes.subarray(at, Math.min(at + step, dataAt + dataSize));
    yield { samples: wavSamples(data, header), sampleRate };
  }
}

function* rawSlices(
  bytes: Uint8Array,
  decode: (bytes: Uint8Array) => Int16Array,
  longest: number,
): Iterable<Slice> {
  if (bytes.length / SAMPLE_RATE > longest) throw tooLong(longest, 1);
  for (let at = 0; at < bytes.length; at += SLICE)
    yield { samples: decode(bytes.subarray(at, at + SLICE)), sampleRate: SAMPLE_RATE };
}

/** The error of a file that lasts longer than so many samples. */
const tooLong = (longest: number, sampleRate: number): TandemError =>
  new TandemError('media.file-too-large', {
    what: 'The audio file',
    limit: `${Math.floor(longest / sampleRate)} seconds`,
  });
