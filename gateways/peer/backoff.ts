/** Times in milliseconds. */
export interface BackoffTimes {
  readonly first: number;
  readonly most: number;
  /** Before trying again after a refusal that trying again will hardly change. */
  readonly refused: number;
}

export const defaultBackoff: BackoffTimes = { first: 100, most: 5000, refused: 60_000 };

/**
 * How long to wait before the attempt after `failures` failed ones in a row: it doubles up to the most, and a
 * random part of up to a half is taken off, so that regions that lost a main region together do not come back
 * together. `random` is from 0 to 1.
 */
export const backoff = (failures: number, times: BackoffTimes, random: number): number =>
  Math.min(times.most, times.first * 2 ** Math.min(failures, 30)) * (1 - random / 2);

/** The same after a refusal. */
export const refusedBackoff = (times: BackoffTimes, random: number): number =>
  times.refused * (1 - random / 2);
