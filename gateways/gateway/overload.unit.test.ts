import { describe, expect, it } from '@jest/globals';
import { LONGEST_WAITS, overloaded, type WorkWaits } from './overload.ts';

const idle: WorkWaits = { process: 0, socket: 0, journal: 0, router: 0 };

describe('a gateway', () => {
  it('is not overloaded while nothing waits, or as long as it may', () => {
    expect(overloaded(idle)).toBeUndefined();
    expect(overloaded(LONGEST_WAITS)).toBeUndefined();
  });

  it.each(['process', 'socket', 'journal', 'router'] as const)('is when its %s lets work wait', (what) => {
    expect(overloaded({ ...idle, [what]: LONGEST_WAITS[what] + 1 })).toBe(what);
  });
});
