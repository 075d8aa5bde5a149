import { describe, expect, it } from '@jest/globals';
import { ReorderBuffer } from './reorder-buffer.ts';

const openBuffer = () => new ReorderBuffer<Uint8Array>((packet) => packet.slice());

const order = (...sequences: number[]): number[] => {
  const buffer = openBuffer();
  const out: number[] = [];
  for (const sequence of sequences) {
    buffer.push(sequence & 0xffff, Uint8Array.of(sequence), ([first]) => out.push(first!));
  }
  return out;
};

describe('a reorder buffer', () => {
  it('passes what is in order at once', () => {
    expect(order(1, 2, 3)).toEqual([1, 2, 3]);
  });

  it('waits for a late packet', () => {
    expect(order(1, 3, 4, 2, 5)).toEqual([1, 2, 3, 4, 5]);
    expect(order(0xff_ff, 1, 0x1_0000)).toEqual([0xff, 0, 1]);
  });

  it('goes on without one that does not come, and drops it when it does after all', () => {
    expect(order(1, 3, 4, 5, 6, 2)).toEqual([1, 3, 4, 5, 6]);
  });

  it('drops repetitions', () => {
    expect(order(1, 1, 2, 2, 1)).toEqual([1, 2]);
  });

  it('starts over where the numbers do', () => {
    expect(order(1, 3, 2000, 2001)).toEqual([1, 2000 & 0xff, 2001 & 0xff]);
  });

  it('says how many did not come', () => {
    const buffer = openBuffer();
    const out: [number, number][] = [];
    for (const sequence of [1, 4, 6, 5, 8, 9, 10])
      buffer.push(sequence, Uint8Array.of(sequence), ([first], lost) => out.push([first!, lost]));
    expect(out).toEqual([
      [1, 0],
      [4, 2],
      [5, 0],
      [6, 0],
      [8, 1],
      [9, 0],
      [10, 0],
    ]);
  });

  it('holds a copy: the packet it came in is used again', () => {
    const buffer = openBuffer();
    const packet = Uint8Array.of(1);
    const out: number[] = [];
    const sink = ([first]: Uint8Array) => out.push(first!);
    buffer.push(1, packet, sink);
    packet[0] = 3;
    buffer.push(3, packet, sink);
    packet[0] = 2;
    buffer.push(2, packet, sink);
    expect(out).toEqual([1, 2, 3]);
  });
});
