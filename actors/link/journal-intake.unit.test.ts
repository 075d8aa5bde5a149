import { describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '../stores/event-store/event-store.ts';
import { createJournalIntake, type TakeEvents } from './journal-intake.ts';

const at = (position: number): RecordedEvent => ({
  position: String(position),
  id: `event-${position}`,
  stream: 'leg-1',
  revision: position,
  type: 'TimerRang',
  version: 1,
  time: 1,
  region: 'ie1',
  cause: '',
  correlation: '',
  data: {},
});

/** A main region whose store settles when the test says so. */
function given() {
  const stores: { positions: string[]; done: () => void; fail: (error: Error) => void }[] = [];
  const takeEvents: TakeEvents = (_from, events) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    stores.push({ positions: events.map(({ position }) => position), done: resolve, fail: reject });
    return promise;
  };
  return { stores, intake: createJournalIntake({ region: 'ie1', gateway: 'gw1' }, takeEvents) };
}

describe('the intake of a journal', () => {
  it('hands batches over at once and says in order that they are dealt with', async () => {
    const { intake, stores } = given();
    await intake.resume();
    const done: number[] = [];
    const first = intake.take([at(1), at(2)]).then(() => done.push(1));
    const second = intake.take([at(3)]).then(() => done.push(2));
    expect(stores.map(({ positions }) => positions)).toEqual([['1', '2'], ['3']]);
    stores[1]!.done();
    await Promise.resolve();
    expect(done).toEqual([]);
    stores[0]!.done();
    await Promise.all([first, second]);
    expect(done).toEqual([1, 2]);
    await intake.idle();
  });

  it('says of nothing after a failure that it is dealt with, until there is another stream', async () => {
    const { intake, stores } = given();
    await intake.resume();
    const outcomes = Promise.allSettled([intake.take([at(1)]), intake.take([at(2)]), intake.take([at(3)])]);
    stores[0]!.done();
    stores[1]!.fail(new Error('disk full'));
    stores[2]!.done();
    expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    await intake.resume();
    const again = intake.take([at(2), at(3)]);
    stores[3]!.done();
    await again;
  });

  it('waits with another stream until what the one before brought is dealt with', async () => {
    const { intake, stores } = given();
    await intake.resume();
    const order: string[] = [];
    const taken = intake.take([at(1)]).then(() => order.push('taken'));
    const resumed = intake.resume().then(() => order.push('resumed'));
    stores[0]!.done();
    await Promise.all([taken, resumed]);
    expect(order).toEqual(['taken', 'resumed']);
  });
});
