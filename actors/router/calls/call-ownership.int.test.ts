import { afterEach, describe, expect, it } from '@jest/globals';
import type { Fetcher } from '../../documents/fetch/fetcher.ts';
import type { CommandResult, LinkCommand } from '../../link/command-outbox.ts';
import type { OwnerMessage } from '../../link/service.ts';
import { offeredData } from '../../machines/leg/testing/leg-events.ts';
import type { GatewayId } from '../../names/gateway-id.ts';
import { ActorSystem } from '../../runtime/actor-system.ts';
import type { EventStore, RecordedEvent } from '../../stores/event-store/event-store.ts';
import { openSqliteEventStore } from '../../stores/sqlite/sqlite-event-store.ts';
import { CallRouter } from './call-router.ts';
import { oneGateway } from './call-routing.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

const GATEWAY: GatewayId = { region: 'ie1', gateway: 'gw1' };
const CALL = 'CA1';
const application = { voiceUrl: 'https://app.example/', voiceMethod: 'POST' };

/** Routers of one main region, which have a store in common, and an application that says the same to all. */
function routers(document: string, ...names: string[]) {
  const store = openSqliteEventStore({ file: ':memory:' });
  opened.push(store);
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const asked: string[] = [];
  const all = names.map((router) => {
    const commands: LinkCommand[] = [];
    const owners: OwnerMessage[] = [];
    const system = new ActorSystem({
      store,
      node: router,
      region: 'us1',
      shared: true,
      onError,
      checkpoints: { load: async () => undefined, save: async () => {} },
    });
    opened.push(system);
    const fetcher: Fetcher = {
      async fetch({ url }) {
        asked.push(router);
        const body = Buffer.from(document);
        return { url, status: 200, contentType: 'text/xml', contentEncoding: '', redirected: false, body };
      },
      close: async () => {},
    };
    const calls = new CallRouter({
      router,
      store,
      system,
      fetcher,
      onError,
      routing: oneGateway,
      plan: { loginFor: () => undefined, lookUp: () => ({ accountSid: 'AC1', application }) },
      authToken: () => 'secret',
      command: async (_to: GatewayId, sent: LinkCommand): Promise<CommandResult> => {
        commands.push(sent);
        return { accepted: true };
      },
      owner: (_to, owner) => owners.push(owner),
      taken: () => {},
    });
    return { router, calls, system, commands, owners };
  });
  return { all, store, errors, asked };
}

let ids = 0;
const shipped = (revision: number, type: string, data: object): RecordedEvent => ({
  id: `20000000-0000-4000-8000-${String(ids++).padStart(12, '0')}`,
  type,
  version: 1,
  time: 1_700_000_000_000,
  region: 'ie1',
  cause: '',
  correlation: CALL,
  data,
  stream: 'leg-LE1',
  revision,
  position: '' as never,
});
const offered = () => shipped(0, 'LegOffered', { ...offeredData, legId: 'LE1', callSid: CALL });
const ended = (revision: number) => shipped(revision, 'LegEnded', { reason: 'completed', by: 'peer' });

async function happened(store: EventStore, type: string): Promise<void> {
  const found = Promise.withResolvers<void>();
  const subscription = store.subscribeToStream(`call-${CALL}`, 'start', (event) => {
    if (event.type === type) found.resolve();
  });
  await found.promise;
  await subscription.stop();
}
const took = async (store: EventStore): Promise<string[]> =>
  (await Array.fromAsync(store.readStream(`call-${CALL}`))).map(({ type }) => type);

const SAY = '<Response><Say>Hello</Say></Response>';

describe('a call whose router is gone', () => {
  it('is taken over, says again what it said as the same, and ends there', async () => {
    const { all, store, errors } = routers(SAY, 'us1/r1', 'us1/r2');
    const [one, two] = all;
    const begin = offered();
    await one!.calls.take(GATEWAY, [begin]);
    await happened(store, 'DocumentFetched');
    const said = one!.commands.find(({ type }) => type === 'PlayRequested');

    const adopted = two!.calls.adopt(GATEWAY, [{ callSid: CALL, from: 'us1/r1' }]);
    // What the gateway ships waits for that.
    await two!.calls.take(GATEWAY, [begin, ended(1)]);
    await adopted;
    expect(two!.commands.find(({ type }) => type === 'PlayRequested')).toMatchObject({
      id: said?.id,
      data: said?.data,
      takeovers: 1,
    });
    expect(two!.owners).toEqual([{ callSid: CALL, router: 'us1/r2', takeovers: 1 }]);
    expect(await took(store)).toEqual([
      'CallReceived',
      'DocumentFetched',
      'CallTakenOver',
      'CallLegLeft',
      'CallEnded',
    ]);
    expect(errors).toEqual([]);
  });

  it('is that of the first that takes it; the other one learns of it', async () => {
    const { all, store } = routers(SAY, 'us1/r1', 'us1/r2', 'us1/r3');
    const [one, two, three] = all;
    await one!.calls.take(GATEWAY, [offered()]);
    await happened(store, 'DocumentFetched');
    const call = { callSid: CALL, from: 'us1/r1' };
    await Promise.all([two!.calls.adopt(GATEWAY, [call]), three!.calls.adopt(GATEWAY, [call])]);
    const { router } = (await Array.fromAsync(store.readStream(`call-${CALL}`))).at(-1)!.data as {
      router: string;
    };
    expect((await took(store)).filter((type) => type === 'CallTakenOver')).toHaveLength(1);
    for (const { owners } of [two!, three!])
      expect(owners).toEqual([{ callSid: CALL, router, takeovers: 1 }]);
  });

  it('is let go by the one that had it, which says so to whoever still thinks it has it', async () => {
    const { all, store, errors } = routers(SAY, 'us1/r1', 'us1/r2');
    const [one, two] = all;
    await one!.calls.take(GATEWAY, [offered()]);
    await happened(store, 'DocumentFetched');
    await two!.calls.adopt(GATEWAY, [{ callSid: CALL, from: 'us1/r1' }]);
    const digit = shipped(1, 'DigitReceived', { digit: '1', source: 'info' });
    const end = ended(2);
    await one!.calls.take(GATEWAY, [digit, end]);
    expect(one!.owners).toEqual(
      Array.from({ length: 2 }, () => ({ callSid: CALL, router: 'us1/r2', takeovers: 1 })),
    );
    expect(await took(store)).toEqual(['CallReceived', 'DocumentFetched', 'CallTakenOver']);
    await two!.calls.take(GATEWAY, [digit, end]);
    expect((await took(store)).at(-1)).toBe('CallEnded');
    expect(errors).toEqual([]);
  });

  it('begins once, when two get its beginning', async () => {
    const { all, store, asked } = routers(SAY, 'us1/r1', 'us1/r2');
    const begin = offered();
    await Promise.all(all.map(({ calls }) => calls.take(GATEWAY, [begin])));
    await happened(store, 'DocumentFetched');
    expect((await took(store)).filter((type) => type === 'CallReceived')).toHaveLength(1);
    expect(asked).toHaveLength(1);
    const [first] = await Array.fromAsync(store.readStream(`call-${CALL}`));
    const loser = all.find(({ router }) => router !== asked[0])!;
    expect((first!.data as { router: string }).router).toBe(asked[0]);
    expect(loser.owners).toEqual([{ callSid: CALL, router: asked[0], takeovers: 0 }]);
  });

  it('is resumed by a restarted router that kept nothing of it', async () => {
    const { all, store, asked } = routers(SAY, 'us1/r1', 'us1/r1');
    const [before, after] = all;
    await before!.calls.take(GATEWAY, [offered()]);
    await happened(store, 'DocumentFetched');
    await after!.calls.adopt(GATEWAY, [{ callSid: CALL, from: 'us1/r1' }]);
    await after!.calls.adopt(GATEWAY, [{ callSid: CALL, from: 'us1/r1' }]);
    expect((await took(store)).filter((type) => type === 'OwnerRestarted')).toHaveLength(1);
    expect(after!.commands.map(({ type }) => type)).toContain('PlayRequested');
    expect(asked).toEqual(['us1/r1']);
  });

  it('has its legs hung up when it is over, and is none when it never was', async () => {
    const { all, store } = routers(SAY, 'us1/r1', 'us1/r2');
    const [one, two] = all;
    await one!.calls.take(GATEWAY, [offered()]);
    await happened(store, 'DocumentFetched');
    await one!.calls.take(GATEWAY, [ended(1)]);
    await two!.calls.adopt(GATEWAY, [
      { callSid: CALL, from: 'us1/r1' },
      { callSid: 'CA2', from: 'us1/r1' },
    ]);
    expect(two!.commands).toMatchObject([{ stream: 'leg-LE1', type: 'HangupRequested' }]);
    expect(two!.owners).toEqual([]);
  });

  it('takes what is said to it at any router', async () => {
    const { all, store } = routers(SAY, 'us1/r1', 'us1/r2');
    const [one, two] = all;
    await one!.calls.take(GATEWAY, [offered()]);
    await happened(store, 'DocumentFetched');
    await two!.calls.tell(CALL, { type: 'CallHangupRequested', data: { reason: 'completed' } });
    expect((await took(store)).slice(-2)).toEqual(['CallTakenOver', 'CallHangupRequested']);
    expect(two!.commands.map(({ type }) => type)).toContain('HangupRequested');
  });
});
