import { describe, expect, it } from '@jest/globals';
import type { ShippedEvent } from '@tandem/actors/link/journal-codec.ts';
import fc from 'fast-check';
import { createShipWindow } from './ship-window.ts';

const within = { batchEvents: 4, batchBytes: 100, windowEvents: 10, windowBytes: 300 };

const at = (position: number, bytes = 1): ShippedEvent => ({
  position: String(position),
  data: new Uint8Array(bytes),
});
const positions = (batch: ShippedEvent[] | undefined) => batch?.map(({ position }) => Number(position));

describe('the shipping window', () => {
  it('sends what waits as one batch', () => {
    const window = createShipWindow('', within);
    expect(window.next()).toBeUndefined();
    for (const position of [1, 2, 3]) window.offer(at(position));
    expect(positions(window.next())).toEqual([1, 2, 3]);
    expect(window.next()).toBeUndefined();
  });

  it('splits by number and by bytes, and sends an event that is larger than a batch alone', () => {
    const window = createShipWindow('', within);
    const sizes = [1, 1, 1, 1, 60, 50, 120, 1];
    for (const [index, bytes] of sizes.entries()) window.offer(at(index + 1, bytes));
    expect(positions(window.next())).toEqual([1, 2, 3, 4]);
    expect(positions(window.next())).toEqual([5]);
    expect(positions(window.next())).toEqual([6]);
    expect(positions(window.next())).toEqual([7]);
    expect(positions(window.next())).toEqual([8]);
  });

  it('holds back at the end of the window until something is acknowledged', () => {
    const window = createShipWindow('', within);
    for (let position = 1; position <= 12; position += 1) window.offer(at(position));
    expect(positions(window.next())).toEqual([1, 2, 3, 4]);
    expect(positions(window.next())).toEqual([5, 6, 7, 8]);
    expect(window.next()).toBeUndefined();
    expect(window.acknowledge('3')).toBe(true);
    expect(window.next()).toBeUndefined();
    expect(window.acknowledge('4')).toBe(true);
    expect(positions(window.next())).toEqual([9, 10, 11, 12]);
  });

  it('knows which acknowledgements cannot be', () => {
    const window = createShipWindow('7', within);
    expect(window.acknowledge('7')).toBe(true);
    expect(window.acknowledge('8')).toBe(false);
    window.offer(at(8));
    expect(window.acknowledge('8')).toBe(false);
    window.next();
    expect(window.acknowledge('8')).toBe(true);
  });

  it('keeps order, leaves nothing out, and never exceeds its bounds', () => {
    const step = fc.oneof(
      fc.record({ offer: fc.integer({ min: 0, max: 150 }) }),
      fc.constant({ send: true }),
      fc.record({ acknowledge: fc.nat({ max: 5 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const window = createShipWindow('', within);
        const bytesAt: number[] = [];
        const sent: number[] = [];
        let acknowledged = 0;
        let offered = 0;
        for (const one of steps) {
          if ('offer' in one && window.hasRoom) {
            bytesAt[++offered] = one.offer;
            window.offer(at(offered, one.offer));
          }
          if ('send' in one) {
            const batch = positions(window.next()) ?? [];
            sent.push(...batch);
            const bytes = batch.reduce((sum, position) => sum + bytesAt[position]!, 0);
            expect(batch.length <= within.batchEvents).toBe(true);
            expect(bytes <= within.batchBytes || batch.length === 1).toBe(true);
          }
          if ('acknowledge' in one && acknowledged < sent.length) {
            acknowledged = Math.min(sent.length, acknowledged + one.acknowledge);
            expect(window.acknowledge(String(acknowledged))).toBe(true);
          }
          const open = sent.slice(acknowledged);
          expect(open.length <= within.windowEvents).toBe(true);
          expect(open.reduce((sum, position) => sum + bytesAt[position]!, 0) <= within.windowBytes).toBe(
            true,
          );
          expect(offered - sent.length <= within.batchEvents).toBe(true);
        }
        expect(sent).toEqual(Array.from(sent, (_, index) => index + 1));
      }),
    );
  });
});
