import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeAlaw, encodeUlaw } from '../codecs/g711.ts';
import { readWav, readWavHeader, wavHeader, writeWav } from './wav.ts';

const chunk = (name: string, body: Uint8Array) => {
  const header = Buffer.alloc(8);
  header.write(name, 'latin1');
  header.writeUInt32LE(body.length, 4);
  return Buffer.concat([header, body, Buffer.alloc(body.length % 2)]);
};

const riff = (...chunks: readonly Uint8Array[]) =>
  chunk('RIFF', Buffer.concat([Buffer.from('WAVE'), ...chunks]));

const format = (
  tag: number,
  channels: number,
  rate: number,
  bits: number,
  more: Uint8Array = new Uint8Array(0),
) => {
  const body = Buffer.alloc(16);
  body.writeUInt16LE(tag, 0);
  body.writeUInt16LE(channels, 2);
  body.writeUInt32LE(rate, 4);
  body.writeUInt32LE((rate * channels * bits) / 8, 8);
  body.writeUInt16LE((channels * bits) / 8, 12);
  body.writeUInt16LE(bits, 14);
  return chunk('fmt ', Buffer.concat([body, more]));
};

const extensible = (tag: number): Buffer => {
  const more = Buffer.alloc(24);
  more.writeUInt16LE(22, 0);
  more.writeUInt16LE(tag, 8);
  return more;
};

const bytesOf = (array: Int16Array | Int32Array | Float32Array | Float64Array): Uint8Array =>
  new Uint8Array(array.buffer);

const samples = Int16Array.of(0, 1000, -1000, 32_767, -32_768, 256);

describe('WAV', () => {
  it.each<[string, Uint8Array, number[]]>([
    ['16 bits', riff(format(1, 1, 8000, 16), chunk('data', bytesOf(samples))), [...samples]],
    ['8 bits', riff(format(1, 1, 8000, 8), chunk('data', Buffer.of(128, 255, 0))), [0, 32_512, -32_768]],
    [
      '24 bits',
      riff(format(1, 1, 8000, 24), chunk('data', Buffer.of(0xff, 0xe8, 0x03, 0, 0x18, 0xfc))),
      [1000, -1000],
    ],
    ['32 bits', riff(format(1, 1, 8000, 32), chunk('data', bytesOf(Int32Array.of(65_536_000)))), [1000]],
    [
      'float',
      riff(format(3, 1, 8000, 32), chunk('data', bytesOf(Float32Array.of(0.5, -1, 9, Number.NaN)))),
      [16_384, -32_768, 32_767, 0],
    ],
    ['double', riff(format(3, 1, 8000, 64), chunk('data', bytesOf(Float64Array.of(0.5)))), [16_384]],
    ['µ-law', riff(format(7, 1, 8000, 8), chunk('data', encodeUlaw(Int16Array.of(0, 32_124)))), [0, 32_124]],
    ['A-law', riff(format(6, 1, 8000, 8), chunk('data', encodeAlaw(Int16Array.of(8, -8)))), [8, -8]],
    [
      'stereo',
      riff(format(1, 2, 8000, 16), chunk('data', bytesOf(Int16Array.of(100, 300, -5, 5)))),
      [200, 0],
    ],
    [
      'extensible',
      riff(format(0xfffe, 1, 8000, 16, extensible(1)), chunk('data', bytesOf(Int16Array.of(7)))),
      [7],
    ],
    [
      'other chunks, of odd sizes',
      riff(
        chunk('LIST', Buffer.alloc(7)),
        format(1, 1, 8000, 16),
        chunk('fact', Buffer.alloc(4)),
        chunk('data', Buffer.of(7, 0)),
      ),
      [7],
    ],
    ['a frame cut off', riff(format(1, 2, 8000, 16), chunk('data', Buffer.of(1, 0, 3, 0, 9))), [2]],
  ])('%s', (_, file, expected) => {
    const audio = readWav(file);
    expect([...audio.samples]).toEqual(expected);
    expect(audio.sampleRate).toBe(8000);
  });

  it('takes what is there when the header was never finished', () => {
    const file = riff(format(1, 1, 16_000, 16), chunk('data', bytesOf(samples)));
    file.writeUInt32LE(0xffff_ffff, file.length - samples.byteLength - 4);
    expect(readWav(file).samples).toEqual(samples);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(0), /RIFF and WAVE/],
    ['something else', Buffer.from('ID3 not a wave file'), /RIFF and WAVE/],
    ['no sound', riff(format(1, 1, 8000, 16)), /no sound/],
    ['sound before its format', riff(chunk('data', Buffer.alloc(4))), /before its format/],
    ['a short format', riff(chunk('fmt ', Buffer.alloc(10))), /cut off/],
    ['ADPCM', riff(format(2, 1, 8000, 4)), /format tag 2/],
    ['12 bits', riff(format(1, 1, 8000, 12)), /12 bits/],
    ['no channels', riff(format(1, 0, 8000, 16)), /0 channels/],
    ['a thousand channels', riff(format(1, 1000, 8000, 16)), /1000 channels/],
    ['a rate of 0', riff(format(1, 1, 0, 16)), /0 samples a second/],
    ['a rate too high', riff(format(1, 1, 4_000_000, 16)), /4000000 samples/],
  ])('is refused: %s', (_, file, message) => {
    expect(() => readWav(file)).toThrow(expect.objectContaining({ code: 'media.unsupported-format' }));
    expect(() => readWav(file)).toThrow(message);
  });

  it('reads what it writes', () => {
    fc.assert(
      fc.property(fc.int16Array(), fc.constantFrom(8000, 16_000, 44_100), (sound, rate) => {
        const file = writeWav(sound, rate);
        expect(readWav(file)).toEqual({ samples: sound, sampleRate: rate });
        expect(file.subarray(0, 44)).toEqual(wavHeader(sound.length, rate));
      }),
    );
    expect(readWavHeader(writeWav(new Int16Array(6), 8000, 2))).toMatchObject({ channels: 2, dataSize: 12 });
  });

  it('never breaks on mangled files, nor reads outside of them', () => {
    const file = riff(
      format(0xfffe, 2, 8000, 16, extensible(7)),
      chunk('LIST', Buffer.alloc(9)),
      chunk('data', bytesOf(samples)),
    );
    const change = fc.tuple(fc.nat(file.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), fc.nat(file.length), (changes, length) => {
        const mangled = Buffer.from(file);
        for (const [at, value] of changes) mangled[at] = value;
        const cut = mangled.subarray(0, length);
        try {
          const { samples: read, sampleRate } = readWav(cut);
          expect(read.length).toBeLessThanOrEqual(cut.length);
          expect(sampleRate).toBeGreaterThanOrEqual(4000);
        } catch (error) {
          expect(error).toMatchObject({ code: 'media.unsupported-format' });
        }
      }),
      { numRuns: 3000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => readWav(Buffer.concat([Buffer.from('RIFF....WAVEfmt '), bytes]))).toThrow(
          expect.objectContaining({ code: 'media.unsupported-format' }),
        );
      }),
    );
  });
});
