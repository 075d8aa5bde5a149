import { describe, expect, it } from '@jest/globals';
import { limits } from '@tandem/actors/link/limits.ts';
import type { EventHandler, EventStore, RecordedEvent } from '@tandem/actors/stores/event-store.ts';
import { shipJournal } from './journal-shipper.ts';

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

/** The part of a journal that a shipper uses; the test plays the events. */
function given({ received = '', full = false } = {}) {
  const ended = Promise.withResolvers<void>();
  const batches: string[][] = [];
  const failures: unknown[] = [];
  let from: unknown;
  let handler: EventHandler = () => {};
  const journal = {
    subscribeToAll(start: unknown, handle: EventHandler) {
      from = start;
      handler = handle;
      return { ended: ended.promise, stop: async () => ended.resolve() };
    },
  } as unknown as EventStore;
  const outlet = {
    full,
    send: (events: { position: string }[]) => void batches.push(events.map(({ position }) => position)),
  };
  const shipper = shipJournal(journal, received, outlet, (error) => failures.push(error));
  return {
    shipper,
    outlet,
    batches,
    failures,
    ended,
    from: () => from,
    play: (event: RecordedEvent) => handler(event),
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('shipping a journal', () => {
  it('reads after what the other side holds', () => {
    expect(given().from()).toBe('start');
    expect(given({ received: '41' }).from()).toEqual({ after: '41' });
  });

  it('sends the events of one turn together, in that turn', async () => {
    const { batches, play } = given();
    for (const position of [1, 2, 3]) expect(play(at(position))).toBeUndefined();
    expect(batches).toEqual([]);
    await turn();
    play(at(4));
    await turn();
    expect(batches).toEqual([['1', '2', '3'], ['4']]);
  });

  it('holds the journal up while the outlet is full, with one batch at most in hand', async () => {
    const { shipper, outlet, batches, play } = given({ full: true });
    let position = 0;
    let held = play(at(++position));
    while (!held) held = play(at(++position));
    expect(position).toBe(limits.batchEvents);
    await turn();
    expect(batches).toEqual([]);
    outlet.full = false;
    shipper.resume();
    await held;
    expect(batches).toHaveLength(1);
    expect(batches[0]).toHaveLength(limits.batchEvents);
  });

  it('holds the journal up at the end of the window, until an acknowledgement', async () => {
    const { shipper, batches, play } = given();
    let position = 0;
    let held = play(at(++position));
    while (!held) held = play(at(++position));
    expect(position).toBe(limits.windowEvents + limits.batchEvents);
    expect(batches.flat()).toHaveLength(limits.windowEvents);
    expect(shipper.acknowledge(batches[0]!.at(-1)!)).toBe(true);
    await held;
    expect(batches.flat()).toHaveLength(limits.windowEvents + limits.batchEvents);
    expect(shipper.acknowledge(String(position + 1))).toBe(false);
  });

  it('sends nothing after it was stopped, even while it is held up', async () => {
    const { shipper, outlet, batches, play } = given({ full: true });
    let position = 0;
    let held = play(at(++position));
    while (!held) held = play(at(++position));
    await shipper.stop();
    await held;
    outlet.full = false;
    await turn();
    expect(batches).toEqual([]);
  });

  it('tells when the journal cannot be read', async () => {
    const { ended, failures } = given();
    ended.reject(new Error('disk'));
    await turn();
    expect(failures).toEqual([new Error('disk')]);
  });
});
