import { describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '../stores/event-store.ts';
import { createJournalIntake, type TakeEvents } from './journal-intake.ts';
import { silentLog } from './link-log.ts';

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
function given(loaded = '') {
  const saved: string[] = [];
  const stores: { positions: string[]; done: () => void; fail: (error: Error) => void }[] = [];
  const takeEvents: TakeEvents = (_from, events) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    stores.push({ positions: events.map(({ position }) => position), done: resolve, fail: reject });
    return promise;
  };
  const positions = {
    load: async () => loaded,
    save: async (_from: unknown, position: string) => void saved.push(position),
  };
  return {
    saved,
    stores,
    intake: createJournalIntake({ region: 'ie1', gateway: 'gw1' }, takeEvents, positions, silentLog),
  };
}

describe('the intake of a journal', () => {
  it('hands batches over at once and calls them durable in order', async () => {
    const { intake, stores, saved } = given();
    await intake.resume();
    const durable: string[] = [];
    const first = intake.take([at(1), at(2)]).then((position) => durable.push(position));
    const second = intake.take([at(3)]).then((position) => durable.push(position));
    expect(stores.map(({ positions }) => positions)).toEqual([['1', '2'], ['3']]);
    stores[1]!.done();
    await Promise.resolve();
    expect(durable).toEqual([]);
    stores[0]!.done();
    await Promise.all([first, second]);
    expect(durable).toEqual(['2', '3']);
    await intake.idle();
    expect(saved.at(-1)).toBe('3');
  });

  it('skips what was durable before', async () => {
    const { intake, stores } = given('5');
    expect(await intake.resume()).toBe('5');
    expect(await intake.take([at(4), at(5)])).toBe('5');
    void intake.take([at(5), at(6)]);
    expect(stores.map(({ positions }) => positions)).toEqual([['6']]);
  });

  it('calls nothing durable after a failure until the stream is resumed', async () => {
    const { intake, stores, saved } = given();
    await intake.resume();
    const outcomes = Promise.allSettled([intake.take([at(1)]), intake.take([at(2)]), intake.take([at(3)])]);
    stores[0]!.done();
    stores[1]!.fail(new Error('disk full'));
    stores[2]!.done();
    expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(await intake.resume()).toBe('1');
    const again = intake.take([at(2), at(3)]);
    stores[3]!.done();
    expect(await again).toBe('3');
    await intake.idle();
    expect(saved.at(-1)).toBe('3');
  });

  it('does not say where it is while an earlier stream is being dealt with', async () => {
    const { intake, stores } = given();
    await intake.resume();
    const taken = intake.take([at(1)]);
    const resumed = intake.resume();
    stores[0]!.done();
    expect(await taken).toBe('1');
    expect(await resumed).toBe('1');
  });
});
