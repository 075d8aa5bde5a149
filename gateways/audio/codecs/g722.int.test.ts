import { execFileSync } from 'node:child_process';
import { describe, expect } from '@jest/globals';
import { needProgram } from '@tandem/actors/testing/need-program.ts';
import { G722Decoder, G722Encoder } from './g722.ts';

const it = needProgram('ffmpeg', 'apt-get install ffmpeg');

const ffmpeg = (args: readonly string[], input: Uint8Array): Buffer =>
  execFileSync('ffmpeg', ['-hide_banner', '-loglevel', 'error', ...args], { input, maxBuffer: 2 ** 26 });

const pcm = ['-f', 's16le', '-ar', '16000', '-ac', '1'];

/** Two seconds of what is hard to code: a sweep, a high tone, bursts up to full scale, noise and silence. */
const sound = (): Int16Array => {
  let seed = 1;
  return Int16Array.from({ length: 32_000 }, (_, i) => {
    const t = i / 16_000;
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    const noise = (seed / 2 ** 31 - 0.5) * 3000;
    const sweep = 9000 * Math.sin(2 * Math.PI * (200 + 1500 * t) * t);
    const high = 4000 * Math.sin(2 * Math.PI * 5200 * t);
    const burst = i % 8000 < 400 ? 32_767 * Math.sign(Math.sin(2 * Math.PI * 90 * t)) : 0;
    const sum = i % 16_000 > 13_000 ? 0 : sweep + high + noise + burst;
    return Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  });
};

describe('G.722 and FFmpeg, bit by bit', () => {
  it('encode alike', () => {
    const samples = sound();
    const bytes = new Uint8Array(samples.length / 2);
    new G722Encoder().encode(samples, bytes);
    const theirs = ffmpeg(
      [...pcm, '-i', '-', '-c:a', 'g722', '-f', 'g722', '-'],
      new Uint8Array(samples.buffer),
    );
    expect(Buffer.from(bytes).equals(theirs)).toBe(true);
  });

  it('decode alike, also what no encoder has made', () => {
    const bytes = Uint8Array.from({ length: 20_000 }, (_, i) => (i * i * 7919 + (i >> 3) * 31) & 0xff);
    const samples = new Int16Array(bytes.length * 2);
    new G722Decoder().decode(bytes, samples);
    const theirs = ffmpeg(['-f', 'g722', '-i', '-', '-f', 's16le', '-'], bytes);
    expect(Buffer.from(samples.buffer).equals(theirs)).toBe(true);
  });
});
