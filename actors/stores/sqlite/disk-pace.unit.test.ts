import { describe, expect, it } from '@jest/globals';
import { createDiskPace, type DiskPace } from './disk-pace.ts';

/** How many of so many syncs are waited for in place, of a disk that takes so many milliseconds each time. */
function here(pace: DiskPace, syncs: number, milliseconds: (sync: number) => number): number {
  let count = 0;
  for (let sync = 1; sync <= syncs; sync++) {
    if (!pace.waitHere()) continue;
    count++;
    pace.took(milliseconds(sync));
  }
  return count;
}

const busy = () => createDiskPace(() => 0.9);
const idle = () => createDiskPace(() => 0.1);

describe('the pace of a disk', () => {
  it('has a quick disk waited for in place', () => {
    expect(here(busy(), 1000, () => 0.2)).toBe(1000);
  });

  it('soon forgives a quick disk that is slow now and then, however slow', () => {
    expect(here(idle(), 1000, (sync) => (sync % 100 === 0 ? 200 : 0.3))).toBe(1000);
    expect(here(busy(), 1000, (sync) => (sync === 500 ? 200 : 0.3))).toBeGreaterThan(700);
  });

  it('has one that is a little slower waited for in place while there is little else to do', () => {
    expect(here(idle(), 1000, () => 1)).toBe(1000);
    expect(here(busy(), 1000, () => 1)).toBeLessThan(100);
  });

  it('has a slow disk waited for elsewhere, but for a look now and then', () => {
    for (const pace of [busy(), idle()]) {
      here(pace, 1000, () => 5);
      expect(here(pace, 640, () => 5)).toBe(20);
    }
  });

  it('comes back when the disk is quick again', () => {
    const pace = busy();
    here(pace, 1000, () => 5);
    here(pace, 1000, () => 0.1);
    expect(here(pace, 100, () => 0.1)).toBe(100);
  });
});
