import { describe, expect, it } from '@jest/globals';
import { LOOK_AHEAD, nextChange } from './next-change.ts';
import type { Hours, Policy } from './policy.ts';

const policy = (...hours: Hours[]): Policy => ({ name: 'some', when: { hours }, prohibit: ['ie1'] });
const at = (text: string): number => Date.parse(text);
const next = (now: string, ...policies: Policy[]): string | undefined => {
  const time = nextChange(policies, at(now));
  return time === undefined ? undefined : new Date(time).toISOString();
};
const night: Hours = { zone: 'Europe/Dublin', from: '22:00', until: '06:00' };

describe('nextChange', () => {
  it('is never without hours, and with hours that last for ever', () => {
    expect(next('2026-11-23T12:00:00Z', { name: 'always', prohibit: ['ie1'] })).toBeUndefined();
    const always = policy({ zone: 'UTC', from: '10:00', until: '10:00' });
    expect(next('2026-11-23T12:00:00Z', always)).toBeUndefined();
  });

  it('is when hours begin, then when they end', () => {
    expect(next('2026-11-23T12:00:30Z', policy(night))).toBe('2026-11-23T22:00:00.000Z');
    expect(next('2026-11-23T22:00:00Z', policy(night))).toBe('2026-11-24T06:00:00.000Z');
  });

  it('is the first of all hours of all policies', () => {
    const lunch: Hours = { zone: 'Europe/Berlin', from: '12:01', until: '12:03' };
    expect(next('2026-11-23T10:59:59.999Z', policy(night, lunch))).toBe('2026-11-23T11:01:00.000Z');
    expect(next('2026-11-23T11:01:00Z', policy(night), policy(lunch))).toBe('2026-11-23T11:03:00.000Z');
  });

  it('leaves out days on which they do not begin', () => {
    const friday: Hours = { zone: 'UTC', days: ['fri'], from: '09:00', until: '17:00' };
    expect(next('2026-11-23T08:00:00Z', policy(friday))).toBeUndefined();
    expect(next('2026-11-27T08:00:00Z', policy(friday))).toBe('2026-11-27T09:00:00.000Z');
  });

  it('goes by the clock of the zone on the day on which that is put forward or back', () => {
    const early: Hours = { zone: 'Europe/Dublin', from: '03:00', until: '04:00' };
    expect(next('2026-03-29T00:30:00Z', policy(early))).toBe('2026-03-29T02:00:00.000Z');
    expect(next('2026-10-25T00:30:00Z', policy(early))).toBe('2026-10-25T03:00:00.000Z');
    const skipped: Hours = { zone: 'Europe/Dublin', from: '01:30', until: '03:00' };
    expect(next('2026-03-29T00:30:00Z', policy(skipped))).toBe('2026-03-29T01:00:00.000Z');
  });

  it('is no farther than it looks', () => {
    const noon: Hours = { zone: 'UTC', from: '12:00', until: '13:00' };
    const now = at('2026-11-23T13:00:00Z');
    const change = nextChange([policy(noon)], now)!;
    expect(change).toBeGreaterThan(now);
    expect(change).toBeLessThan(now + LOOK_AHEAD);
  });
});
