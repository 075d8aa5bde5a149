import { afterEach, describe, expect, it } from '@jest/globals';
import type { TandemError } from '../../errors/tandem-error.ts';
import { offeredData } from '../../machines/leg/testing/leg-events.ts';
import type { GatewayId } from '../../names/gateway-id.ts';
import type { RecordedEvent } from '../../stores/event-store/event-store.ts';
import { openSqliteEventStore } from '../../stores/sqlite/sqlite-event-store.ts';
import { testEvent } from '../../stores/testing/events.ts';
import { ShippedEvents, type ShippedEventsOptions } from './shipped-events.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

function central(options: ShippedEventsOptions = {}) {
  const store = openSqliteEventStore({ file: ':memory:' });
  opened.push(store);
  const held = async (stream: string) =>
    (await Array.fromAsync(store.readStream(stream))).map(({ id, revision }) => ({ id, revision }));
  const types = async (stream: string) =>
    (await Array.fromAsync(store.readStream(stream))).map(({ type }) => type);
  const notTaken: string[] = [];
  const onNotTaken = ({ code }: TandemError, { stream }: Pick<RecordedEvent, 'stream'>) =>
    notTaken.push(`${stream} ${code}`);
  return { shipped: new ShippedEvents(store, { onNotTaken, ...options }), held, types, store, notTaken };
}

const journal = (stream: string, count: number): RecordedEvent[] =>
  Array.from({ length: count }, (_, revision) => ({
    ...testEvent({ revision }),
    stream,
    revision,
    position: '' as never,
  }));
const GW1 = { region: 'ie1', gateway: 'gw1' };
const GW2 = { region: 'ie1', gateway: 'gw2' };
const DE1 = { region: 'de1', gateway: 'gw1' };

/** A gateway's own journal, as far as one test needs it. */
function journalOf(place: GatewayId) {
  const next = new Map<string, number>();
  const say = (stream: string, type: string, data: object, correlation = 'CA1'): RecordedEvent => {
    const revision = next.get(stream) ?? 0;
    next.set(stream, revision + 1);
    return {
      ...testEvent(data, { type, region: place.region, correlation }),
      stream,
      revision,
      position: '' as never,
    };
  };
  return {
    say,
    offered: (legId: string, more: object = {}) =>
      say(`leg-${legId}`, 'LegOffered', { ...offeredData, ...place, legId, ...more }),
    pressed: (legId: string, digit = '1') =>
      say(`leg-${legId}`, 'DigitReceived', { digit, duration: 100, source: 'rfc4733' }),
    trunkLost: (trunk = 'carrier') =>
      say(`gateway-${place.region}-${place.gateway}`, 'TrunkLost', { trunk, code: 'x', message: '' }, ''),
    peerConnected: (peer: string) => say(`region-${place.region}`, 'PeerConnected', { peer }, ''),
    /** The journal as it is now, from a backup. */
    copy: () => {
      const copied = journalOf(place);
      copied.goOnFrom(next);
      return copied;
    },
    goOnFrom(places: ReadonlyMap<string, number>) {
      for (const [stream, revision] of places) next.set(stream, revision);
    },
  };
}

const same = (events: readonly RecordedEvent[]) => events.map(({ id, revision }) => ({ id, revision }));

describe('what regions ship', () => {
  it('is stored under the stream, revision and id that it has there', async () => {
    const { shipped, held } = central();
    const [one, two] = [journal('leg-1', 3), journal('leg-2', 2)];
    await shipped.store([one[0]!, two[0]!, one[1]!, two[1]!, one[2]!]);
    expect(await held('leg-1')).toEqual(same(one));
    expect(await held('leg-2')).toEqual(same(two));
  });

  it('is stored once, however much of it is shipped again', async () => {
    const { shipped, held } = central();
    const events = journal('leg-1', 6);
    await shipped.store(events.slice(0, 3));
    await shipped.store(events.slice(0, 3));
    await shipped.store(events.slice(1, 5));
    await shipped.store(events.slice(0, 2));
    await shipped.store(events);
    expect(await held('leg-1')).toEqual(same(events));
  });

  it('is stored in order when batches come at once', async () => {
    const { shipped, held } = central();
    const events = journal('leg-1', 6);
    await Promise.all([
      shipped.store(events.slice(0, 2)),
      shipped.store(events.slice(2, 4)),
      shipped.store(events.slice(4)),
    ]);
    expect(await held('leg-1')).toEqual(same(events));
  });

  it('with a gap is refused, and goes on once the gap is filled', async () => {
    const { shipped, held } = central();
    const events = journal('leg-1', 4);
    await shipped.store(events.slice(0, 1));
    await expect(shipped.store(events.slice(2))).rejects.toMatchObject({ code: 'link.events-missing' });
    expect(await held('leg-1')).toEqual(same(events.slice(0, 1)));
    await shipped.store(events);
    expect(await held('leg-1')).toEqual(same(events));
  });

  it('of a stream that begins with a gap is refused', async () => {
    const { shipped, held } = central();
    await expect(shipped.store(journal('leg-1', 3).slice(1))).rejects.toMatchObject({
      code: 'link.events-missing',
    });
    expect(await held('leg-1')).toEqual([]);
  });

  it('is stored once when two routers store it at once', async () => {
    const { shipped, held, store } = central();
    const other = new ShippedEvents(store);
    const events = journal('leg-1', 9);
    await Promise.all([
      shipped.store(events.slice(0, 4)),
      other.store(events.slice(0, 7)),
      shipped.store(events.slice(4, 6)),
      other.store(events.slice(7)),
    ]);
    expect(await held('leg-1')).toEqual(same(events));
  });
});

describe('what a region ships', () => {
  it('is stored of its own legs only', async () => {
    const { shipped, held, notTaken } = central();
    const [ie1, de1] = [journalOf(GW1), journalOf(DE1)];
    const own = [de1.offered('LE1'), de1.pressed('LE1')];
    await shipped.store(own, DE1);
    ie1.goOnFrom(new Map([['leg-LE1', 2]]));
    expect(await shipped.store([ie1.pressed('LE1'), ie1.offered('LE2')], GW1)).toHaveLength(1);
    const next = de1.pressed('LE1');
    await shipped.store([next], DE1);
    expect(await held('leg-LE1')).toEqual(same([...own, next]));
    expect(notTaken).toEqual(['leg-LE1 link.foreign-stream']);
  });

  it('is not stored of another’s leg because it says first that the leg began there', async () => {
    const { shipped, held, notTaken } = central();
    const [ie1, de1] = [journalOf(GW1), journalOf(DE1)];
    const own = [de1.offered('LE1')];
    await shipped.store(own, DE1);
    const forged = [ie1.offered('LE1'), ie1.pressed('LE1'), ie1.pressed('LE1')];
    // In one go, as a gateway does that waits for no acknowledgement.
    await Promise.all(forged.map((event) => shipped.store([event], GW1)));
    await shipped.store(forged, GW1);
    expect(await held('leg-LE1')).toEqual(same(own));
    expect(new Set(notTaken)).toEqual(new Set(['leg-LE1 link.foreign-stream']));
  });

  it('is not stored where a stream begins with another place, leg or call', async () => {
    const { shipped, held, notTaken } = central();
    const ie1 = journalOf(GW1);
    const forged = [
      ie1.offered('LE1', { region: 'de1' }),
      ie1.pressed('LE1'),
      ie1.offered('LE2', { legId: 'LE9' }),
      ie1.offered('LE3', { callSid: 'CA9' }),
      ie1.say('leg-LE4', 'TimerRang', { timer: 'x' }),
      ie1.say('gateway-de1-gw1', 'GatewayResumed', {}),
      ie1.say('region-de1', 'PeerConnected', { peer: 'x' }),
      ie1.say('gateway-ie1-gw2', 'GatewayResumed', {}),
    ];
    expect(await shipped.store(forged, GW1)).toEqual([]);
    expect(
      await shipped.store([ie1.pressed('LE1'), ie1.say('gateway-de1-gw1', 'GatewayResumed', {})], GW1),
    ).toEqual([]);
    for (const { stream } of forged) expect(await held(stream)).toEqual([]);
    expect(notTaken).toHaveLength(9);
  });

  it('is stored of a leg only as far as it is about the leg’s own call', async () => {
    const { shipped, types, notTaken } = central();
    const ie1 = journalOf(GW1);
    await shipped.store([ie1.offered('LE1')], GW1);
    const digit = { digit: '9', duration: 100, source: 'rfc4733' };
    await shipped.store([ie1.say('leg-LE1', 'DigitReceived', digit, 'CAvictim')], GW1);
    expect(await types('leg-LE1')).toEqual(['LegOffered']);
    expect(notTaken).toEqual(['leg-LE1 link.foreign-stream']);
  });

  it('is stored of calls that the gateway runs itself, and of no others', async () => {
    const { shipped, types, store, notTaken } = central();
    const ie1 = journalOf(GW1);
    const received = { ...GW1, callSid: 'CA1', legId: 'LE1', trunk: '', from: '1', to: '2', codecs: [] };
    const call = (sid: string, type: string, data: object) => ie1.say(`call-${sid}`, type, data, sid);
    await shipped.store([call('CA1', 'CallReceived', { ...received, router: 'ie1/gw1' })], GW1);
    await shipped.store([call('CA1', 'CallEnded', { reason: 'completed', duration: 0, legs: [] })], GW1);
    expect((await types('call-CA1'))[0]).toBe('CallReceived');

    const victim = { ...received, callSid: 'CA2', region: 'de1', router: 'us1/r1' };
    await store.append('call-CA2', 'no-stream', [
      testEvent(victim, { type: 'CallReceived', correlation: 'CA2' }),
    ]);
    const pretended = { ...received, callSid: 'CA2', router: 'ie1/gw1' };
    const ended = { reason: 'completed', detail: 'x', duration: 0 };
    const forged = [call('CA2', 'CallReceived', pretended), call('CA2', 'CallEnded', ended)];
    await Promise.all(forged.map((event) => shipped.store([event], GW1)));
    await shipped.store(forged.slice(1), GW1);
    await shipped.store(
      [call('CA3', 'CallReceived', { ...received, callSid: 'CA3', router: 'ie1/gw2' })],
      GW1,
    );
    expect([await types('call-CA2'), await types('call-CA3')]).toEqual([['CallReceived'], []]);
    expect(new Set(notTaken)).toEqual(
      new Set(['call-CA2 link.foreign-stream', 'call-CA3 link.foreign-stream']),
    );
  });

  it('is set aside in its place when it is not what it should be, and what follows goes on', async () => {
    const { shipped, held, types, store, notTaken } = central();
    const ie1 = journalOf(GW1);
    const events = [
      ie1.offered('LE1'),
      ie1.say('leg-LE1', 'LegEnded', {}),
      ie1.pressed('LE1'),
      ie1.say('leg-LE2', 'LegOffered', { trunk: 5 }),
      ie1.pressed('LE2'),
      ie1.say('gateway-ie1-gw1', 'GatewayStarted', {}, ''),
      ie1.trunkLost(),
    ];
    await shipped.store(events, GW1);
    await shipped.store(events, GW1);
    expect(await types('leg-LE1')).toEqual(['LegOffered', 'EventSetAside', 'DigitReceived']);
    expect(await types('leg-LE2')).toEqual(['EventSetAside', 'DigitReceived']);
    expect(await types('gateway-ie1-gw1')).toEqual(['EventSetAside', 'TrunkLost']);
    expect(await held('leg-LE1')).toEqual(same(events.slice(0, 3)));
    const [, aside] = await Array.fromAsync(store.readStream('leg-LE1'));
    expect(aside!.data).toEqual({
      type: 'LegEnded',
      version: 1,
      code: 'runtime.invalid-event',
      detail: expect.stringContaining('reason is missing'),
    });
    expect(notTaken.slice(0, 3)).toEqual([
      'leg-LE1 runtime.invalid-event',
      'leg-LE2 runtime.invalid-event',
      'gateway-ie1-gw1 runtime.invalid-event',
    ]);
  });

  it('is stored as it is when only a newer release knows it', async () => {
    const { shipped, types, notTaken } = central();
    const ie1 = journalOf(GW1);
    const events = [
      ie1.offered('LE1'),
      ie1.say('leg-LE1', 'SomethingNew', { x: 1 }),
      { ...ie1.say('leg-LE1', 'DigitReceived', { tone: 5 }), version: 9 },
    ];
    await shipped.store(events, GW1);
    expect([await types('leg-LE1'), notTaken]).toEqual([['LegOffered', 'SomethingNew', 'DigitReceived'], []]);
  });

  it('has no snapshots, which earlier releases shipped', async () => {
    const { shipped, held, notTaken } = central();
    const snapshot = journalOf(GW1).say('snapshot-leg-LE1', 'Snapshot', {});
    expect(await shipped.store([snapshot], GW1)).toEqual([]);
    expect([await held('snapshot-leg-LE1'), notTaken]).toEqual([[], []]);
  });

  it('goes on with the gateway that took a leg, and not with the one before', async () => {
    const { shipped, types, store } = central();
    const [gw1, gw2] = [journalOf(GW1), journalOf(GW2)];
    await shipped.store([gw1.offered('LE1')], GW1);
    const adopted = testEvent({ ...GW2, from: 'gw1' }, { type: 'LegAdopted', correlation: 'CA1' });
    await store.append('leg-LE1', 0, [adopted]);
    gw2.goOnFrom(new Map([['leg-LE1', 2]]));
    // The second would be the stream's next event, when the first has been left out.
    const late = [gw1.pressed('LE1', '1'), gw1.pressed('LE1', '2')];
    const became = late.map((event) => shipped.begin([event], GW1));
    expect(await Promise.all(became.map(({ leftOut }) => leftOut))).toEqual(late.map((event) => [event]));
    await shipped.store(
      [{ ...adopted, stream: 'leg-LE1', revision: 1, position: '' }, gw2.pressed('LE1')],
      GW2,
    );
    expect(await types('leg-LE1')).toEqual(['LegOffered', 'LegAdopted', 'DigitReceived']);
  });
});

describe('what is shipped of a call that is no longer kept', () => {
  it('is not stored, holds nothing up, and is nobody’s fault', async () => {
    const { shipped, types, store, notTaken } = central();
    const ie1 = journalOf(GW1);
    const begun = [ie1.offered('LE1'), ie1.pressed('LE1')];
    await shipped.store(begun, GW1);
    await store.delete('leg-LE1', 'any');
    const late = [ie1.pressed('LE1'), ie1.offered('LE2')];
    // By a process that remembers the stream, by one that does not, and all of it again.
    expect(await shipped.store(late, GW1)).toEqual([late[1]]);
    expect(await new ShippedEvents(store).store([ie1.pressed('LE1')], GW1)).toEqual([]);
    expect(await shipped.store([...begun, ...late], GW1)).toEqual([late[1]]);
    expect(await types('leg-LE2')).toEqual(['LegOffered']);
    expect(notTaken).toEqual([]);
  });
});

describe('a gateway whose journal was lost', () => {
  it('goes on under its name, and the history says from where', async () => {
    const { shipped, store, types, notTaken } = central();
    const lost = journalOf(GW1);
    await shipped.store([lost.trunkLost(), lost.trunkLost(), lost.peerConnected('us1')], GW1);
    const anew = journalOf(GW1);
    const first = [anew.trunkLost('one'), anew.peerConnected('de1')];
    await shipped.store(first, GW1);
    await shipped.store(first, GW1);
    const last = [anew.trunkLost('two')];
    // A router that was restarted meanwhile, and one that stores the same.
    const others = [new ShippedEvents(store), new ShippedEvents(store)];
    await Promise.all(others.map((other) => other.store([...first, ...last], GW1)));
    await shipped.store([anew.trunkLost('three')], GW1);
    expect(await types('gateway-ie1-gw1')).toEqual([
      'TrunkLost',
      'TrunkLost',
      'JournalReplaced',
      'TrunkLost',
      'TrunkLost',
      'TrunkLost',
    ]);
    expect(await types('region-ie1')).toEqual(['PeerConnected', 'JournalReplaced', 'PeerConnected']);
    expect(new Set(notTaken)).toEqual(
      new Set(['gateway-ie1-gw1 link.journal-conflict', 'region-ie1 link.journal-conflict']),
    );
  });

  it('may lose it again, and may come with an older copy', async () => {
    const { shipped, types } = central();
    const lost = journalOf(GW1);
    const before = [lost.trunkLost(), lost.trunkLost()];
    const copy = lost.copy();
    await shipped.store([...before, lost.trunkLost(), lost.trunkLost()], GW1);
    const after = [copy.trunkLost('a'), copy.trunkLost('b')];
    await shipped.store(after, GW1);
    await shipped.store([...before, ...after], GW1);
    expect(await types('gateway-ie1-gw1')).toEqual([
      'TrunkLost',
      'TrunkLost',
      'TrunkLost',
      'TrunkLost',
      'JournalReplaced',
      'TrunkLost',
      'TrunkLost',
    ]);
    await shipped.store([journalOf(GW1).trunkLost('c')], GW1);
    expect((await types('gateway-ie1-gw1')).slice(7)).toEqual(['JournalReplaced', 'TrunkLost']);
  });

  it('has its legs ended of which the store has another history', async () => {
    const { shipped, types, held, notTaken } = central({ now: () => 7 });
    const lost = journalOf(GW1);
    const begun = [lost.offered('LE1'), lost.pressed('LE1')];
    const copy = lost.copy();
    const went = [...begun, lost.pressed('LE1'), lost.pressed('LE1')];
    await shipped.store(went, GW1);
    const became = shipped.begin([copy.pressed('LE1'), copy.pressed('LE1')], GW1);
    expect(await became.stored).toEqual([]);
    expect(await became.ended).toMatchObject([
      { stream: 'leg-LE1', type: 'LegEnded', revision: 4, time: 7, data: { reason: 'failed', by: 'router' } },
    ]);
    // What it says of the leg after that changes nothing, however far it has come.
    for (let i = 0; i < 4; i++) expect(await shipped.store([copy.pressed('LE1')], GW1)).toEqual([]);
    expect((await held('leg-LE1')).slice(0, 4)).toEqual(same(went));
    expect((await types('leg-LE1')).slice(4)).toEqual(['LegEnded']);
    expect(notTaken[0]).toBe('leg-LE1 link.journal-conflict');
  });
});
