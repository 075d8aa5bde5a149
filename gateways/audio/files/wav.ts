import { TandemError } from '@tandem/actors/errors';
import { decodeAlaw, decodeUlaw } from '../codecs/index.ts';

/** Sound of one channel. */
export interface Audio {
  readonly samples: Int16Array;
  /** Samples a second. */
  readonly sampleRate: number;
}

export type WavEncoding = 'pcm' | 'float' | 'alaw' | 'ulaw';

/** What a WAV file's `fmt ` chunk says, and where its sound is. */
export interface WavHeader {
  readonly encoding: WavEncoding;
  readonly channels: number;
  /** Samples a second. */
  readonly sampleRate: number;
  /** Bits of one sample of one channel. */
  readonly bits: number;
  /** Byte at which the sound begins. */
  readonly dataAt: number;
  /** Bytes of sound, of whole frames that are in the file; a header that was never finished says too many. */
  readonly dataSize: number;
}

const ENCODINGS: Readonly<Record<number, WavEncoding>> = { 1: 'pcm', 3: 'float', 6: 'alaw', 7: 'ulaw' };
const EXTENSIBLE = 0xfffe;
const BITS: Readonly<Record<WavEncoding, readonly number[]>> = {
  pcm: [8, 16, 24, 32],
  float: [32, 64],
  alaw: [8],
  ulaw: [8],
};
/** Chunks that are looked through before the sound. */
const MOST_CHUNKS = 64;
const MOST_CHANNELS = 8;
const RATES = { least: 4_000, most: 192_000 };

const unreadable = (detail: string): TandemError =>
  new TandemError('media.unsupported-format', { format: 'WAV', detail });

const fourLetters = (view: DataView, at: number): string =>
  String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));

/** Whether bytes begin as a WAV file does. */
export const isWav = (bytes: Uint8Array): boolean => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return bytes.length >= 12 && fourLetters(view, 0) === 'RIFF' && fourLetters(view, 8) === 'WAVE';
};

/**
 * Reads the header of a WAV file whose whole, or whose beginning up to the sound, is in `bytes`.
 *
 * @throws media.unsupported-format
 */
export const readWavHeader = (bytes: Uint8Array): WavHeader => {
  if (!isWav(bytes)) throw unreadable('it does not begin with RIFF and WAVE');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let format: Omit<WavHeader, 'dataAt' | 'dataSize'> | undefined;
  let at = 12;
  for (let chunk = 0; chunk < MOST_CHUNKS && at + 8 <= bytes.length; chunk++) {
    const name = fourLetters(view, at);
    const size = view.getUint32(at + 4, true);
    at += 8;
    if (name === 'fmt ') format = readFormat(view, at, Math.min(size, bytes.length - at));
    if (name === 'data') {
      if (!format) throw unreadable('its sound comes before its format');
      const frame = (format.channels * format.bits) / 8;
      const present = Math.min(size, bytes.length - at);
      return { ...format, dataAt: at, dataSize: present - (present % frame) };
    }
    // Chunks are padded to even sizes.
    at += size + (size % 2);
  }
  throw unreadable('it has no sound in it');
};

const readFormat = (view: DataView, at: number, size: number): Omit<WavHeader, 'dataAt' | 'dataSize'> => {
  if (size < 16) throw unreadable('its format chunk is cut off');
  let tag = view.getUint16(at, true);
  // The extensible form has the tag in the first two bytes of its sub-format's GUID.
  if (tag === EXTENSIBLE && size >= 26) tag = view.getUint16(at + 24, true);
  const encoding = ENCODINGS[tag];
  if (!encoding) throw unreadable(`format tag ${tag} is not PCM, float, A-law or µ-law`);
  const channels = view.getUint16(at + 2, true);
  const sampleRate = view.getUint32(at + 4, true);
  const bits = view.getUint16(at + 14, true);
  if (channels < 1 || channels > MOST_CHANNELS) throw unreadable(`it has ${channels} channels`);
  if (sampleRate < RATES.least || sampleRate > RATES.most)
    throw unreadable(`it has ${sampleRate} samples a second`);
  if (!BITS[encoding].includes(bits)) throw unreadable(`it has ${bits} bits a sample`);
  return { encoding, channels, sampleRate, bits };
};

/** Full scale is 1; beyond it is clipped, and what is not a number is silence. */
const fromFloat = (value: number): number =>
  Number.isFinite(value) ? Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768))) : 0;

/** The samples of all channels in turn, as 16 bits. */
const readSamples = (data: Uint8Array, { encoding, bits }: WavHeader): Int16Array => {
  if (encoding === 'ulaw') return decodeUlaw(data);
  if (encoding === 'alaw') return decodeAlaw(data);
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const size = bits / 8;
  const samples = new Int16Array(data.length / size);
  for (let i = 0; i < samples.length; i++) {
    const end = (i + 1) * size;
    if (encoding === 'float') {
      samples[i] = fromFloat(bits === 32 ? view.getFloat32(end - 4, true) : view.getFloat64(end - 8, true));
    } else {
      // Eight bits are unsigned; of more, the upper sixteen are what we keep.
      samples[i] = bits === 8 ? (view.getUint8(i) - 128) << 8 : view.getInt16(end - 2, true);
    }
  }
  return samples;
};

/** The mean of channels that come in turn. */
export const mixDown = (samples: Int16Array, channels: number): Int16Array => {
  if (channels === 1) return samples;
  const mono = new Int16Array(Math.floor(samples.length / channels));
  for (let i = 0; i < mono.length; i++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += samples[i * channels + channel]!;
    mono[i] = Math.round(sum / channels);
  }
  return mono;
};

/** One channel of whole frames of a WAV file's sound. */
export const wavSamples = (data: Uint8Array, header: WavHeader): Int16Array =>
  mixDown(readSamples(data, header), header.channels);

/** Reads a whole WAV file (PCM, float, A-law or µ-law, 4 to 192 kHz) into one channel. @throws media.unsupported-format */
export const readWav = (bytes: Uint8Array): Audio => {
  const header = readWavHeader(bytes);
  const { dataAt, dataSize, sampleRate } = header;
  return { samples: wavSamples(bytes.subarray(dataAt, dataAt + dataSize), header), sampleRate };
};

const HEADER_SIZE = 44;

/** The header of a 16-bit PCM file that has `frames` samples a channel. */
export const wavHeader = (frames: number, sampleRate: number, channels = 1): Uint8Array => {
  const dataSize = frames * channels * 2;
  const bytes = new Uint8Array(HEADER_SIZE);
  const view = new DataView(bytes.buffer);
  bytes.set(Buffer.from('RIFF....WAVEfmt ....................data....'));
  view.setUint32(4, HEADER_SIZE - 8 + dataSize, true);
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * channels * 2, true);
  view.setUint16(32, channels * 2, true);
  view.setUint16(34, 16, true);
  view.setUint32(40, dataSize, true);
  return bytes;
};

/** A whole 16-bit PCM WAV file; several channels' samples come in turn. */
export const writeWav = (samples: Int16Array, sampleRate: number, channels = 1): Uint8Array => {
  const bytes = new Uint8Array(HEADER_SIZE + samples.length * 2);
  bytes.set(wavHeader(samples.length / channels, sampleRate, channels));
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < samples.length; i++) view.setInt16(HEADER_SIZE + i * 2, samples[i]!, true);
  return bytes;
};
