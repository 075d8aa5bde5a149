import { createHoursTest, readClock, wallClock } from './hours.ts';
import type { Hours, Policy } from './policy.ts';

const MINUTE = 60_000;
const DAY = 24 * 60;
/** Minutes: clocks of zones are put forward or back at these times only. */
const QUARTER = 15;

/** How far `nextChange` looks, in milliseconds. */
export const LOOK_AHEAD = DAY * MINUTE;

/**
 * When an hour of a policy begins or ends next: the first moment after `now` at which other policies apply. Undefined
 * when that is more than a day away.
 *
 * @param now milliseconds since the Unix epoch, as is what it returns
 */
export function nextChange(policies: readonly Policy[], now: number): number | undefined {
  const all = policies.flatMap(({ when }) => when?.hours ?? []);
  return all.reduce<number | undefined>(
    (first, hours) => changeBefore(hours, now, first ?? now + LOOK_AHEAD) ?? first,
    undefined,
  );
}

function changeBefore(hours: Hours, now: number, end: number): number | undefined {
  const within = createHoursTest(hours);
  const edges = [readClock(hours.from)!, readClock(hours.until)!];
  const before = within(now);
  for (let time = now - (now % MINUTE); time < end; ) {
    if (time > now && within(time) !== before) return time;
    const { minute } = wallClock(hours.zone, time);
    const steps = edges.map((edge) => (edge > minute ? edge - minute : edge - minute + DAY));
    time += Math.min(...steps, QUARTER - ((time / MINUTE) % QUARTER)) * MINUTE;
  }
  return undefined;
}
