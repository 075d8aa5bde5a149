import { describe, expect, it } from '@jest/globals';
import { LONGEST_WAITS, LONGEST_WAITS_OF_QUIET, overloaded, type WorkWaits } from './overload.ts';

const idle: WorkWaits = { process: 0, socket: 0, journal: 0, router: 0 };

describe('a gateway', () => {
  it('is not overloaded while nothing waits, or as long as it may', () => {
    expect(overloaded(idle)).toBeUndefined();
    expect(overloaded(LONGEST_WAITS)).toBeUndefined();
  });

  it.each(['process', 'socket', 'journal', 'router'] as const)('is when its %s lets work wait', (what) => {
    expect(overloaded({ ...idle, [what]: LONGEST_WAITS[what] + 1 })).toBe(what);
  });

  it('is not for a trunk that calls seldom, while it is behind with what others send, and is when its store is', () => {
    const flooded = { ...idle, process: 60_000, socket: 60_000 };
    expect(overloaded(flooded, LONGEST_WAITS_OF_QUIET)).toBeUndefined();
    expect(overloaded({ ...flooded, journal: 2_000 }, LONGEST_WAITS_OF_QUIET)).toBe('journal');
    expect(overloaded({ ...flooded, router: 5_000 }, LONGEST_WAITS_OF_QUIET)).toBe('router');
  });
});
