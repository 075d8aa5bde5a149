import { describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '../event-store/event-store.ts';
import { RecentEvents } from './recent-events.ts';

const at = (position: number) => ({ position: String(position) }) as RecordedEvent;
const positions = (events: readonly RecordedEvent[] | undefined) =>
  events?.map((one) => Number(one.position));

describe('recent events', () => {
  it('gives what comes after a position, up to a limit', () => {
    const recent = new RecentEvents(10, 3);
    recent.add([at(4), at(5), at(7)]);
    expect(positions(recent.page(3, 10))).toEqual([4, 5, 7]);
    expect(positions(recent.page(4, 1))).toEqual([5]);
    expect(positions(recent.page(7, 10))).toEqual([]);
  });

  it('does not answer for what it never had', () => {
    const recent = new RecentEvents(10, 3);
    recent.add([at(4)]);
    expect(recent.page(2, 10)).toBeUndefined();
  });

  it('holds a bounded number, and does not answer for what it dropped', () => {
    const recent = new RecentEvents(2, 0);
    for (let position = 1; position <= 100; position++) recent.add([at(position)]);
    expect(recent.page(90, 10)).toBeUndefined();
    expect(positions(recent.page(98, 10))).toEqual([99, 100]);
  });
});
