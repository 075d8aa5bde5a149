/** Says whether a disk is quick enough to be waited for in place, from how long its syncs took. */
export interface DiskPace {
  /** Whether the next sync is to be waited for in place; asked once for each. */
  waitHere(): boolean;
  /** A sync that was waited for in place took so many milliseconds. */
  took(milliseconds: number): void;
}

/**
 * Milliseconds. Another thread costs a sync three times the CPU time (it is woken, and wakes us) and is heard some
 * 0.2 ms later; a disk that answers in about such a time is better waited for here.
 */
const QUICK = 0.5;
/**
 * What counts of one sync at most. A disk that is quick but for one sync in a hundred is quick: by a plain average, one
 * that took 30 ms would send the next hundreds elsewhere.
 */
const MOST = 2 * QUICK;
/** While the disk is not quick, one sync of so many is done here to see whether it is again. */
const LOOK_AGAIN = 32;

export function createDiskPace(): DiskPace {
  /** A moving average. */
  let takes = 0;
  let elsewhere = 0;
  return {
    waitHere: () => takes <= QUICK || ++elsewhere % LOOK_AGAIN === 0,
    took(milliseconds) {
      takes += (Math.min(milliseconds, MOST) - takes) / 8;
    },
  };
}
