import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PacketWindow, WINDOW } from './packet-window.ts';

describe('the window of a stream', () => {
  it('takes the nearest index for a sequence number, across each wrap, and none from before the beginning', () => {
    const window = new PacketWindow();
    expect(window.guess(65_530)).toBe(65_530);
    window.add(65_530);
    expect(window.guess(65_500)).toBe(65_500);
    expect(window.guess(4)).toBe(65_540);
    window.add(65_540);
    expect(window.guess(65_535)).toBe(65_535);
    window.add(3 * 65_536 + 1);
    expect(window.guess(65_535)).toBe(3 * 65_536 - 1);
    const first = new PacketWindow();
    first.add(1);
    expect(first.isNew(first.guess(65_535))).toBe(false);
  });

  it('counts on beyond 32 bits', () => {
    const window = new PacketWindow();
    const far = 0xffff_ffff * 0x1_0000 + 5;
    window.add(far);
    expect(window.guess(6)).toBe(far + 1);
    expect(window.isNew(far)).toBe(false);
    expect(window.isNew(far - 1)).toBe(true);
  });

  it('knows each of the newest packets, and takes none that is older', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 300 }),
        (indices) => {
          const window = new PacketWindow();
          const added = new Set<number>();
          let newest = -1;
          for (const index of indices) {
            const isKnown = !added.has(index) && index > newest - WINDOW;
            expect(window.isNew(index)).toBe(isKnown);
            if (!isKnown) continue;
            window.add(index);
            added.add(index);
            newest = Math.max(newest, index);
          }
        },
      ),
    );
  });
});
