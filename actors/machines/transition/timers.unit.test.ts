import { describe, expect, it } from '@jest/globals';
import { rang, withoutTimer, withTimer } from './timers.ts';

describe('timers', () => {
  it('are set, moved and cleared, one beside the other, and never in place', () => {
    const one = withTimer({}, 'pause', 1000);
    const two = withTimer(one, 'dial', 2000);
    expect(two).toEqual({ pause: 1000, dial: 2000 });
    expect(withTimer(two, 'pause', 3000)).toEqual({ pause: 3000, dial: 2000 });
    expect(withoutTimer(two, 'pause')).toEqual({ dial: 2000 });
    expect(withoutTimer(two, 'other')).toEqual(two);
    expect(one).toEqual({ pause: 1000 });
  });

  it('have rung when their deadline has passed, and are still wanted', () => {
    const context = { timers: { pause: 1000 } };
    const at = (time: number, timer = 'pause') => ({ type: 'TimerRang', time, data: { timer } });
    expect(rang('pause')({ context, event: at(1000) })).toBe(true);
    expect(rang('pause')({ context, event: at(999) })).toBe(false);
    expect(rang('pause')({ context, event: at(1000, 'dial') })).toBe(false);
    expect(rang('dial')({ context, event: at(1000, 'dial') })).toBe(false);
    expect(rang('pause')({ context, event: { type: 'ByeReceived', time: 1000, data: {} } })).toBe(false);
  });
});
