import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dBm0, meanSquare } from '../signal/goertzel.ts';
import { alawToUlaw, decodeAlaw, decodeUlaw, encodeAlaw, encodeUlaw, ulawToAlaw } from './g711.ts';

const codes = Uint8Array.from({ length: 256 }, (_, code) => code);
const everySample = Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768);

const laws = [
  { name: 'µ-law', decode: decodeUlaw, encode: encodeUlaw },
  { name: 'A-law', decode: decodeAlaw, encode: encodeAlaw },
];

describe('G.711', () => {
  it('has the values of tables 1 and 2', () => {
    expect([...decodeUlaw(Uint8Array.of(0x00, 0x7f, 0x80, 0xff, 0xfe, 0xef, 0x8f))]).toEqual([
      -32_124, 0, 32_124, 0, 8, 132, 16_764,
    ]);
    expect([...decodeAlaw(Uint8Array.of(0xd5, 0x55, 0xd4, 0xaa, 0x2a, 0x80, 0xc5))]).toEqual([
      8, -8, 24, 32_256, -32_256, 5_504, 264,
    ]);
    expect([...encodeUlaw(Int16Array.of(0, 32_767, -32_768, 1_000, -1_000))]).toEqual([
      0xff, 0x80, 0x00, 0xce, 0x4e,
    ]);
    expect([...encodeAlaw(Int16Array.of(0, -1, 32_767, -32_768))]).toEqual([0xd5, 0x55, 0xaa, 0x2a]);
  });

  it('gives the digital milliwatt 0 dBm0 (tables 5 and 6)', () => {
    const alaw = Uint8Array.of(0x34, 0x21, 0x21, 0x34, 0xb4, 0xa1, 0xa1, 0xb4);
    const ulaw = Uint8Array.of(0x1e, 0x0b, 0x0b, 0x1e, 0x9e, 0x8b, 0x8b, 0x9e);
    expect(Math.abs(dBm0(meanSquare(decodeUlaw(ulaw))))).toBeLessThan(0.1);
    expect(Math.abs(dBm0(meanSquare(decodeAlaw(alaw))))).toBeLessThan(0.1);
  });

  it.each(laws)('$name: every code survives decoding and encoding, but for the second zero', (law) => {
    const back = law.encode(law.decode(codes));
    const changed = [...codes].filter((code) => back[code] !== code);
    expect(changed).toEqual(law.name === 'µ-law' ? [0x7f] : []);
  });

  it.each(laws)('$name: a sample is off by half a quantising step at most, until the law clips', (law) => {
    const decoded = law.decode(law.encode(everySample));
    const wrong = [...everySample].filter((sample, index) => {
      const size = Math.abs(sample);
      const clip = law.name === 'µ-law' ? 32_635 : 32_767;
      // µ-law's segments double from 0x84 below zero on; A-law's first two segments have the same step of 16.
      const halfStep =
        law.name === 'µ-law'
          ? 2 ** (Math.floor(Math.log2(size + 132)) - 5)
          : Math.max(8, 2 ** (Math.floor(Math.log2(size + 1)) - 5));
      return size <= clip && Math.abs(decoded[index]! - sample) > halfStep;
    });
    expect(wrong).toEqual([]);
  });

  it.each(laws)('$name: is symmetric and monotonic', (law) => {
    const decoded = law.decode(law.encode(everySample));
    for (let i = 1; i < decoded.length; i++) {
      if (decoded[i]! < decoded[i - 1]!) throw new Error(`falls at ${everySample[i]}`);
    }
    expect(law.decode(codes).reduce((sum, value) => sum + value, 0)).toBe(0);
  });

  it('recodes as decoding and encoding would, and A-law survives µ-law within one step', () => {
    expect(ulawToAlaw(codes)).toEqual(encodeAlaw(decodeUlaw(codes)));
    expect(alawToUlaw(codes)).toEqual(encodeUlaw(decodeAlaw(codes)));
    const there = decodeAlaw(ulawToAlaw(alawToUlaw(codes)));
    const before = decodeAlaw(codes);
    for (const code of codes) {
      const step = Math.max(16, Math.abs(before[code]!) / 16);
      expect(Math.abs(there[code]! - before[code]!)).toBeLessThanOrEqual(step);
    }
  });

  it('writes to the array it is given and returns as much as went in', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(10), (bytes, spare) => {
        const out = new Int16Array(bytes.length + spare).fill(77);
        const decoded = decodeUlaw(bytes, out);
        expect(decoded.buffer).toBe(out.buffer);
        expect(decoded).toEqual(decodeUlaw(bytes));
        expect([...out.subarray(bytes.length)]).toEqual(new Array(spare).fill(77));
      }),
    );
  });
});
