import { type Day, days, type Hours } from './policy.ts';

const MINUTE = 60_000;
const CLOCK = /^([01]\d|2[0-3]):([0-5]\d)$/;

/** Minutes since midnight of a time of day such as `22:30`; undefined when it is none. */
export function readClock(text: string): number | undefined {
  const [, hour, minute] = CLOCK.exec(text) ?? [];
  return hour === undefined ? undefined : Number(hour) * 60 + Number(minute);
}

/** Whether there is a time zone of this name. */
export function isZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/** Day and minute of the day at a time, as clocks of the zone show it. */
export function wallClock(zone: string, time: number): { day: Day; minute: number } {
  const parts = formatOf(zone).formatToParts(time);
  const part = (type: string): string => parts.find((one) => one.type === type)!.value;
  return {
    day: part('weekday').toLowerCase() as Day,
    minute: (Number(part('hour')) % 24) * 60 + Number(part('minute')),
  };
}

/**
 * Whether a time is within the hours. It is asked for every call, and a zone's clock is dear to read: the last
 * minute's answer is kept with the function.
 */
export function createHoursTest(hours: Hours): (time: number) => boolean {
  const from = readClock(hours.from)!;
  const until = readClock(hours.until)!;
  const on = (day: Day): boolean => hours.days === undefined || hours.days.includes(day);
  const test = (time: number): boolean => {
    const { day, minute } = wallClock(hours.zone, time);
    if (from < until) return on(day) && minute >= from && minute < until;
    return (on(day) && minute >= from) || (on(dayBefore(day)) && minute < until);
  };
  let [lastMinute, last] = [Number.NaN, false];
  return (time) => {
    const minute = Math.floor(time / MINUTE);
    if (minute !== lastMinute) [lastMinute, last] = [minute, test(time)];
    return last;
  };
}

const dayBefore = (day: Day): Day => days[(days.indexOf(day) + 6) % 7]!;

const formats = new Map<string, Intl.DateTimeFormat>();

/** @throws RangeError of a zone that is not known */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  formats.set(zone, format);
  return format;
}
