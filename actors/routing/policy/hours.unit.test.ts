import { describe, expect, it } from '@jest/globals';
import { createHoursTest, isZone, readClock } from './hours.ts';

const at = (text: string): number => Date.parse(text);

describe('createHoursTest', () => {
  it.each([
    ['08:59', false],
    ['09:00', true],
    ['16:59', true],
    ['17:00', false],
  ])('of office hours at %s', (clock, within) => {
    const test = createHoursTest({ zone: 'Europe/Dublin', from: '09:00', until: '17:00' });
    expect(test(at(`2026-11-23T${clock}:30Z`))).toBe(within);
  });

  it('goes by the clock of the zone, summer time included', () => {
    const test = createHoursTest({ zone: 'Europe/Dublin', from: '09:00', until: '17:00' });
    expect(test(at('2026-07-01T08:30:00Z'))).toBe(true);
    expect(test(at('2026-12-01T08:30:00Z'))).toBe(false);
    expect(
      createHoursTest({ zone: 'Asia/Kolkata', from: '05:30', until: '05:31' })(at('2026-01-01T00:00:00Z')),
    ).toBe(true);
  });

  it('goes past midnight, and then belongs to the day on which it began', () => {
    const test = createHoursTest({ zone: 'UTC', days: ['fri'], from: '22:00', until: '06:00' });
    expect(test(at('2026-11-27T23:00:00Z'))).toBe(true);
    expect(test(at('2026-11-28T05:59:00Z'))).toBe(true);
    expect(test(at('2026-11-28T06:00:00Z'))).toBe(false);
    expect(test(at('2026-11-27T05:00:00Z'))).toBe(false);
  });

  it('lasts the whole day from a time to the same', () => {
    const test = createHoursTest({ zone: 'UTC', from: '00:00', until: '00:00' });
    expect(test(at('2026-11-27T00:00:00Z'))).toBe(true);
    expect(test(at('2026-11-27T23:59:00Z'))).toBe(true);
  });
});

it('knows clocks and zones from what is none', () => {
  expect([readClock('00:00'), readClock('23:59'), readClock('24:00'), readClock('9:00')]).toEqual([
    0,
    1439,
    undefined,
    undefined,
  ]);
  expect([isZone('Europe/Dublin'), isZone('Europe/Dublino')]).toEqual([true, false]);
});
