import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { TimerTable } from './timer-table.ts';

const HOUR = 3_600_000;
const NOON = Date.parse('2026-11-23T12:00:00Z');

let rung: string[];
let wall: { offset: number };

beforeEach(() => {
  jest.useFakeTimers();
  rung = [];
  wall = { offset: NOON };
});

afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

const open = (): TimerTable =>
  new TimerTable(
    (stream, timer) => rung.push(`${stream} ${timer}`),
    () => wall.offset + performance.now(),
    () => performance.now(),
  );

describe('Deadlines of a live process', () => {
  it('are neither later nor earlier when the wall clock is set to another time', () => {
    const table = open();
    const now = wall.offset + performance.now();
    table.set('call-1', { pause: now + 5_000 });
    table.set('call-2', { limit: now + 10_000 });
    wall.offset -= HOUR;
    jest.advanceTimersByTime(4_999);
    expect(rung).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(rung).toEqual(['call-1 pause']);
    wall.offset += 2 * HOUR;
    jest.advanceTimersByTime(4_999);
    expect(rung).toEqual(['call-1 pause']);
    jest.advanceTimersByTime(1);
    expect(rung).toEqual(['call-1 pause', 'call-2 limit']);
  });

  it('run on when others of the stream change, and are gone when the stream has them no more', () => {
    const table = open();
    const now = wall.offset + performance.now();
    table.set('call-1', { limit: now + 5_000, pause: now + 1_000 });
    wall.offset -= HOUR;
    table.set('call-1', { limit: now + 5_000 });
    jest.advanceTimersByTime(5_000);
    expect(rung).toEqual(['call-1 limit']);
  });

  it('may be further away than a timer of Node can be set', () => {
    const table = open();
    table.set('call-1', { limit: wall.offset + performance.now() + 2 ** 31 + 1_000 });
    jest.advanceTimersByTime(2 ** 31);
    expect(rung).toEqual([]);
    jest.advanceTimersByTime(1_000);
    expect(rung).toEqual(['call-1 limit']);
  });
});

it('Deadlines that another process left are armed by the wall clock', () => {
  const table = open();
  table.set('call-1', { passed: wall.offset - HOUR, pause: wall.offset + performance.now() + 2_000 });
  jest.advanceTimersByTime(0);
  expect(rung).toEqual(['call-1 passed']);
  jest.advanceTimersByTime(2_000);
  expect(rung).toEqual(['call-1 passed', 'call-1 pause']);
});
