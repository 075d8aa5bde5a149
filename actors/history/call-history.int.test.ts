import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { serializeState } from '../runtime/behaviour.ts';
import type { EventStore } from '../stores/event-store/event-store.ts';
import { openSqliteEventStore } from '../stores/sqlite/sqlite-event-store.ts';
import { momentOf, readCallHistory, replayCall } from './call-history.ts';
import { type RecordedCall, recordCall, sidOf } from './testing/recorded-call.ts';

let store: EventStore;
const recorded: RecordedCall[] = [];
const record = async (...args: Parameters<typeof recordCall>): Promise<RecordedCall> => {
  const call = await recordCall(...args);
  recorded.push(call);
  return call;
};

beforeEach(() => {
  store = openSqliteEventStore({ file: ':memory:' });
});
afterEach(async () => {
  for (const call of recorded.splice(0)) await call.close();
  await store.close();
});

const uuid = '00000000-0000-4000-8000-000000000001';

describe('a call’s history', () => {
  it('is nothing for a call that is not there', async () => {
    expect(await readCallHistory(store, sidOf('nobody'))).toBeUndefined();
  });

  it('has every event of the call and of its legs once, causes first', async () => {
    const { callSid } = await record(store, { name: 'one' });
    await record(store, { name: 'another' });
    const { events, participants } = (await readCallHistory(store, callSid))!;
    expect(participants.map(({ name }) => name)).toEqual(['call', 'caller', 'callee']);
    const stored = await Array.fromAsync(store.readAll());
    const own = stored.filter((event) => event.correlation === callSid);
    expect(events.map(({ id }) => id).toSorted()).toEqual(own.map(({ id }) => id).toSorted());
    const place = new Map(events.map(({ id }, index) => [id, index]));
    for (const [index, { cause }] of events.entries()) expect(place.get(cause) ?? -1).toBeLessThan(index);
    expect(events[0]).toMatchObject({ type: 'LegOffered' });
    expect(events.at(-1)).toMatchObject({ type: 'CallEnded' });
  });

  it('that is too long is refused, not held', async () => {
    const { callSid } = await record(store, { name: 'one' });
    await expect(readCallHistory(store, callSid, { limit: 20 })).rejects.toMatchObject({
      code: 'api.history-too-long',
      params: { callSid, limit: 20 },
    });
  });
});

describe('a replayed call', () => {
  it.each([
    { name: 'over', until: 'ended' },
    { name: 'live', until: 'talking' },
    { name: 'busy', callee: 'is busy' },
  ] as const)('that is $name has the state of the live actors, byte for byte', async (options) => {
    const { callSid, system } = await record(store, options);
    const history = (await readCallHistory(store, callSid))!;
    const { states } = await momentOf(history, history.events.length - 1);
    expect(states).toHaveLength(3);
    for (const { participant, after } of states)
      expect(serializeState(after)).toBe(serializeState(await system.snapshot(participant.stream)));
  });

  it('says of each event what it changed and what was sent', async () => {
    const { callSid } = await record(store, { name: 'one' });
    const steps = [...replayCall((await readCallHistory(store, callSid))!)];
    expect(steps.map(({ index }) => index)).toEqual([...steps.keys()]);
    const ofCall = steps.filter(({ participant }) => participant.name === 'call');
    expect(ofCall.map(({ event, to }) => `${event.type} ${to}`)).toEqual([
      'CallReceived running.fetching',
      'DocumentFetched running.speaking',
      'CallPlayFinished running.gathering.prompting',
      'CallDigitPressed running.fetching',
      'DocumentFetched running.speaking',
      'CallPlayFinished running.dialling.ringing',
      'CallLegPlaced running.dialling.ringing',
      'CallLegInvited running.dialling.ringing',
      'CallLegRinging running.dialling.ringing',
      'CallLegAnswered running.dialling.talking',
      'CallLegLeft running.speaking',
      'CallPlayFinished ending',
      'CallLegLeft concluding',
      'CallEnded ended',
    ]);
    expect(ofCall[0]).toMatchObject({ from: 'new', effects: [{ type: 'fetch' }] });
  });

  it('stands still at any event', async () => {
    const { callSid } = await record(store, { name: 'one' });
    const history = (await readCallHistory(store, callSid))!;
    expect((await momentOf(history, 0)).states).toMatchObject([
      { participant: { name: 'caller' }, event: { type: 'LegOffered' } },
    ]);
    const last = history.events.length - 1;
    expect(await momentOf(history, last)).toMatchObject({ step: { to: 'ended' }, states: { length: 3 } });
    await expect(momentOf(history, last + 1)).rejects.toThrow(`events 0 to ${last}, no event ${last + 1}`);
  });

  it('says so where the machine that ran it was another one', async () => {
    const { callSid } = await record(store, { name: 'one' });
    const about = { version: 1, time: 1, region: '', cause: '', correlation: '' };
    const untimely = { id: uuid, type: 'CallPlayFinished', data: { legId: '', playId: '', outcome: '' } };
    await store.append(`call-${callSid}`, 'any', [{ ...about, ...untimely }]);
    const steps = [...replayCall((await readCallHistory(store, callSid))!)];
    expect(steps.filter(({ taken }) => !taken).map(({ event }) => event.id)).toEqual([uuid]);
  });

  it.each([
    ['of an unknown version', { type: 'CallHangupRequested', version: 9 }, 'runtime.unknown-version'],
    ['of an unknown type', { type: 'CallTeleported', version: 1 }, 'runtime.unknown-event'],
  ])('refuses an event %s', async (_what, { type, version }, code) => {
    const { callSid } = await record(store, { name: 'one' });
    const unknown = { id: uuid, type, version, time: 1, region: '', cause: '', correlation: '', data: {} };
    await store.append(`call-${callSid}`, 'any', [unknown]);
    await expect(readCallHistory(store, callSid)).rejects.toMatchObject({ code });
  });
});
