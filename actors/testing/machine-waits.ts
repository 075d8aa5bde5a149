import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Processes that media passes one after the other, each of which may have to wait: a speaker, two ends, a listener. */
const IN_A_ROW = 4;

const delays = monitorEventLoopDelay({ resolution: 10 });
delays.enable();

/** From now on it counts how long this process has to wait for the machine. */
export const countWaits = (): void => delays.reset();

/**
 * Milliseconds by which what passes several processes may have been late since `countWaits`, for no fault of theirs: this
 * one had to wait for the machine, and the others wait for the same one.
 */
export const waited = (): number => (IN_A_ROW * delays.max) / 1e6;
