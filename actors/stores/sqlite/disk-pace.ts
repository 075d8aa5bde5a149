import { performance } from 'node:perf_hooks';

/** Says whether a sync is to be waited for in place, from how long those before took and how busy the event loop is. */
export interface DiskPace {
  /** Asked once for each sync. */
  waitHere(): boolean;
  /** A sync that was waited for in place took so many milliseconds. */
  took(milliseconds: number): void;
}

/**
 * Milliseconds. Another thread costs a sync three times the CPU time (it is woken, and wakes us) and is heard some
 * 0.2 ms later; a disk that answers in about such a time is better waited for in place, whatever else there is to do.
 */
const QUICK = 0.5;
/** A disk that is not as quick as that, but quicker than this, is waited for in place while there is little to do. */
const BEARABLE = 2;
/** The share of time from which on there is more to do. */
const BUSY = 0.5;
/**
 * What counts of one sync at most. A disk that is quick but for one sync in a hundred is quick: by a plain average, one
 * that took 30 ms would send the next hundreds elsewhere.
 */
const MOST = 2 * BEARABLE;
/** While syncs are waited for elsewhere, one of so many is not, to see whether the disk is quicker now. */
const LOOK_AGAIN = 32;

/** `utilization` is the share of time in which the event loop was not idle of late. */
export function createDiskPace(utilization: () => number = recentUtilization()): DiskPace {
  /** A moving average. */
  let takes = 0;
  let elsewhere = 0;
  return {
    waitHere() {
      if (takes <= QUICK || (takes <= BEARABLE && utilization() < BUSY)) return true;
      elsewhere += 1;
      return elsewhere % LOOK_AGAIN === 0;
    },
    took(milliseconds) {
      takes += (Math.min(milliseconds, MOST) - takes) / 8;
    },
  };
}

/** Milliseconds for which a share of time is good. */
const LATELY = 100;

function recentUtilization(): () => number {
  let before = performance.eventLoopUtilization();
  let at = performance.now();
  let share = 0;
  return () => {
    const now = performance.now();
    if (now - at < LATELY) return share;
    const current = performance.eventLoopUtilization();
    share = performance.eventLoopUtilization(current, before).utilization;
    before = current;
    at = now;
    return share;
  };
}
