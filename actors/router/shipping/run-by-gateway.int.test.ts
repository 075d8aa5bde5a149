import { afterEach, describe, expect, it } from '@jest/globals';
import { TandemError } from '../../errors/tandem-error.ts';
import type { LinkCommand } from '../../link/command-outbox.ts';
import { offeredData } from '../../machines/leg/testing/leg-events.ts';
import { ActorSystem } from '../../runtime/actor-system.ts';
import type { EventStore, RecordedEvent } from '../../stores/event-store/event-store.ts';
import { openSqliteEventStore } from '../../stores/sqlite/sqlite-event-store.ts';
import { CallRouter } from '../calls/call-router.ts';
import { oneGateway } from '../calls/call-routing.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

const GATEWAY = { region: 'ie1', gateway: 'gw1' };

/** A process of a main region's, on a store that outlives it. */
async function mainRegion(store: EventStore) {
  const errors: unknown[] = [];
  const commands: LinkCommand[] = [];
  const onError = (error: unknown) => errors.push(error);
  const system = new ActorSystem({
    store,
    node: 'us1/r1',
    region: 'us1',
    onError,
    checkpoints: { load: async () => undefined, save: async () => {} },
  });
  const calls = new CallRouter({
    router: 'us1/r1',
    store,
    system,
    routing: oneGateway,
    onError,
    owner: () => {},
    taken: () => {},
    plan: {
      loginFor: () => undefined,
      lookUp: () => ({ accountSid: 'AC1', application: { voiceUrl: 'http://a/', voiceMethod: 'GET' } }),
    },
    authToken: () => '',
    fetcher: { fetch: () => Promise.reject(new TandemError('runtime.closed', {})), close: async () => {} },
    command: async (_to, command) => {
      commands.push(command);
      return { accepted: true };
    },
  });
  await system.recover();
  opened.push(system);
  return { calls, system, errors, commands };
}

function central(): EventStore {
  const store = openSqliteEventStore({ file: ':memory:' });
  opened.push(store);
  return store;
}

let ids = 0;
const shipped = (stream: string, revision: number, type: string, data: object): RecordedEvent => ({
  id: `30000000-0000-4000-8000-${String(ids++).padStart(12, '0')}`,
  type,
  version: 1,
  time: 1,
  region: 'ie1',
  cause: '',
  correlation: 'CA1',
  data,
  stream,
  revision,
  position: '' as never,
});
const offered = () => shipped('leg-LE1', 0, 'LegOffered', { ...offeredData, router: 'ie1/gw1' });
const received = () =>
  shipped('call-CA1', 0, 'CallReceived', {
    ...GATEWAY,
    callSid: 'CA1',
    legId: 'LE1',
    trunk: 'carrier',
    from: '1',
    to: '2',
    codecs: ['PCMU'],
    accountSid: 'AC1',
    application: { voiceUrl: 'static:2', voiceMethod: 'GET' },
    router: 'ie1/gw1',
  });
const digit = (revision: number) =>
  shipped('leg-LE1', revision, 'DigitReceived', { digit: '5', source: 'info' });
const ended = (revision: number) =>
  shipped('leg-LE1', revision, 'LegEnded', { reason: 'completed', by: 'peer' });

const held = async (store: EventStore, stream: string): Promise<string[]> =>
  (await Array.fromAsync(store.readStream(stream))).map(({ id }) => id);

describe('a call that its gateway runs itself', () => {
  it('is stored and not run, whatever its legs say', async () => {
    const store = central();
    const { calls, system, errors, commands } = await mainRegion(store);
    const [offer, call] = [offered(), received()];
    await calls.take(GATEWAY, [offer, call, digit(1)]);
    await calls.take(GATEWAY, [ended(2)]);
    expect(await held(store, 'call-CA1')).toEqual([call.id]);
    expect(await held(store, 'leg-LE1')).toHaveLength(3);
    expect([errors, commands, system.live]).toEqual([[], [], 0]);
  });

  it('is none of ours before its own first event has come, either', async () => {
    const store = central();
    const { calls, errors, commands } = await mainRegion(store);
    await calls.take(GATEWAY, [offered(), digit(1), ended(2)]);
    expect(await held(store, 'call-CA1')).toEqual([]);
    const call = received();
    await calls.take(GATEWAY, [call]);
    expect(await held(store, 'call-CA1')).toEqual([call.id]);
    expect([errors, commands]).toEqual([[], []]);
  });

  it('is none of a main region’s after its restart', async () => {
    const store = central();
    const before = await mainRegion(store);
    const [offer, call] = [offered(), received()];
    await before.calls.take(GATEWAY, [offer, call]);
    await before.system.close();
    const { calls, system, errors, commands } = await mainRegion(store);
    await calls.take(GATEWAY, [call, digit(1), ended(2)]);
    expect(await held(store, 'call-CA1')).toEqual([call.id]);
    expect([errors, commands, system.live]).toEqual([[], [], 0]);
  });

  it('is neither changed from outside nor taken over', async () => {
    const store = central();
    const { calls, commands } = await mainRegion(store);
    const call = received();
    await calls.take(GATEWAY, [offered(), call]);
    const hangUp = { type: 'CallHangupRequested', data: { reason: 'completed' } } as const;
    const refusal = { code: 'runtime.not-owner', params: { owner: 'ie1/gw1' } };
    await expect(calls.tell('CA1', hangUp)).rejects.toMatchObject(refusal);
    await calls.adopt(GATEWAY, [{ callSid: 'CA1', from: 'us1/r2' }]);
    expect(await held(store, 'call-CA1')).toEqual([call.id]);
    expect(commands).toEqual([]);
  });

  it('is not shipped by a gateway that does not run it', async () => {
    const store = central();
    const { calls } = await mainRegion(store);
    await calls.take({ region: 'ie1', gateway: 'gw2' }, [received()]);
    expect(await held(store, 'call-CA1')).toEqual([]);
  });
});
