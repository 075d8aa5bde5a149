/** A timer that was set. */
export type Timer = unknown;

/** Time as the stack sees it, so that tests can hold it. */
export interface Clock {
  /** Milliseconds since the Unix epoch as they were at the start, never less than before. */
  now(): number;
  /** Calls `run(argument)` once, `delay` ms from now. */
  set<T>(delay: number, run: (argument: T) => void, argument: T): Timer;
  clear(timer: Timer): void;
}

const started = performance.timeOrigin;

/** What the machine's own clock is set to later neither prolongs nor ends what is under way. */
export const systemClock: Clock = {
  now: () => Math.floor(started + performance.now()),
  set: (delay, run, argument) => setTimeout(run, delay, argument),
  clear: (timer) => clearTimeout(timer as NodeJS.Timeout | undefined),
};
