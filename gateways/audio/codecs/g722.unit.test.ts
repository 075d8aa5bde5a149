import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { G722Decoder, G722Encoder } from './g722.ts';

/** A sine at 16 kHz. */
const sine = (frequency: number, amplitude = 8000, length = 16_000): Int16Array =>
  Int16Array.from({ length }, (_, i) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * frequency * i) / 16_000)),
  );

const encode = (samples: Int16Array): Uint8Array => {
  const bytes = new Uint8Array(samples.length / 2);
  expect(new G722Encoder().encode(samples, bytes)).toBe(bytes.length);
  return bytes;
};

const decode = (bytes: Uint8Array, sampleRate: 8000 | 16_000 = 16_000): Int16Array => {
  const samples = new Int16Array((bytes.length * sampleRate) / 8000);
  expect(new G722Decoder(sampleRate).decode(bytes, samples)).toBe(samples.length);
  return samples;
};

/** Samples that the two filters delay sound by. */
const DELAY = 22;

/** Decibels of what went in over what came out otherwise, after the first 100 ms. */
const signalToNoise = (sent: Int16Array, heard: Int16Array): number => {
  let [signal, noise] = [0, 0];
  for (let i = 1600; i + DELAY < sent.length; i++) {
    signal += sent[i]! ** 2;
    noise += (sent[i]! - heard[i + DELAY]!) ** 2;
  }
  return 10 * Math.log10(signal / noise);
};

describe('G.722', () => {
  it('makes of a tone the bytes that another implementation makes of it', () => {
    // FFmpeg's, of the same samples.
    expect(Buffer.from(encode(sine(1000, 8000, 64))).toString('hex')).toBe(
      'fa9425882191a0a060afc8c6d1def0ebee7bd4d0d3beb0ecf0fc55d194fef1ad',
    );
  });

  it.each([
    [300, 35],
    [1000, 30],
    [3000, 20],
    [5000, 10],
    [6500, 10],
  ])('carries a tone of %d Hz, %d dB above its noise', (frequency, least) => {
    const sent = sine(frequency);
    expect(signalToNoise(sent, decode(encode(sent)))).toBeGreaterThan(least);
  });

  it('follows the level over 60 dB', () => {
    for (const amplitude of [30, 300, 3000, 30_000]) {
      const sent = sine(800, amplitude);
      expect(signalToNoise(sent, decode(encode(sent)))).toBeGreaterThan(15);
    }
  });

  it('gives at 8 kHz what the lower band has, as loud as it was', () => {
    const heard = decode(encode(sine(1000)), 8000);
    const loudest = Math.max(...heard.subarray(1000));
    expect(loudest).toBeGreaterThan(7500);
    expect(loudest).toBeLessThan(8500);
    const high = decode(encode(sine(6000)), 8000);
    expect(Math.max(...high.subarray(1000))).toBeLessThan(200);
  });

  it('is silent when nothing is said', () => {
    const heard = decode(encode(new Int16Array(3200)));
    expect(Math.max(...heard.subarray(320).map(Math.abs))).toBeLessThan(10);
  });

  it('recovers from what was lost: a decoder that begins in mid-sound hears the same soon', () => {
    const bytes = encode(sine(700));
    const late = new Int16Array(bytes.length);
    new G722Decoder().decode(bytes.subarray(bytes.length / 2), late);
    const whole = decode(bytes).subarray(bytes.length);
    let [signal, noise] = [0, 0];
    for (let i = 4000; i < late.length; i++) {
      signal += whole[i]! ** 2;
      noise += (whole[i]! - late[i]!) ** 2;
    }
    expect(10 * Math.log10(signal / noise)).toBeGreaterThan(25);
  });

  it('makes samples of any bytes, and bytes of any samples', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const heard = decode(bytes);
        encode(heard);
        const loudest = new Int16Array(bytes.length * 2).map((_, i) =>
          bytes[i >> 1]! & 1 ? 32_767 : -32_768,
        );
        decode(encode(loudest));
      }),
    );
  });
});
