import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { stateName } from '@tandem/actors/runtime';
import type { EventStore, RecordedEvent } from '@tandem/actors/stores/event-store';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite';
import type { KeptEvent } from '@tandem/proto/generated/events.ts';
import { sdpContent } from '../sip/message/build-message.ts';
import { MemoryNetwork } from '../sip/testing/memory-network.ts';
import { RawPeer } from '../sip/testing/raw-peer.ts';
import { GatewayProcess } from './testing/gateway-process.ts';

const one = '192.0.2.1';
const two = '192.0.2.3';
const them = '192.0.2.2';
const theirSdp = `v=0\r\no=a 1 1 IN IP4 ${them}\r\ns=-\r\nc=IN IP4 ${them}\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n`;

let stores: EventStore[];
let network: MemoryNetwork;
let peer: RawPeer;
let first: GatewayProcess;
let second: GatewayProcess;
let errors: unknown[];
let running = false;

const gateway = (name: string, address: string, store: EventStore, port: number) =>
  new GatewayProcess({
    gateway: name,
    address,
    carrier: them,
    store,
    network,
    port,
    onError: (error) => errors.push(error),
  });

beforeEach(async () => {
  running = true;
  errors = [];
  stores = [openSqliteEventStore({ file: ':memory:' }), openSqliteEventStore({ file: ':memory:' })];
  network = new MemoryNetwork();
  peer = new RawPeer(network, them, one);
  first = await gateway('gw1', one, stores[0]!, 20_000).start();
  second = await gateway('gw2', two, stores[1]!, 30_000).start();
});
afterEach(async () => {
  running = false;
  await first.kill();
  await second.kill();
  for (const store of stores) await store.close();
  expect(errors).toEqual([]);
});

/** Waits, as long as the test runs. */
const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  while (running && !(await condition())) await new Promise(setImmediate);
};
const heard = (message: string) => until(() => peer.heard.includes(message));
const eventsOf = (store: EventStore): Promise<RecordedEvent[]> => Array.fromAsync(store.readAll());
const happened = (store: EventStore, type: string) =>
  until(async () => (await eventsOf(store)).some((event) => event.type === type));
const withoutPosition = ({ position: _, ...event }: RecordedEvent) => event;

const command = (stream: string, type: string, data: object, id: string = crypto.randomUUID()) =>
  ({ id, stream, type, data, cause: '', correlation: 'CA1' }) as never;

/** What a router gives of a leg to the gateway that is to take it: its events, and that it does. */
const given = (events: readonly RecordedEvent[], stream: string): KeptEvent[] => {
  const adopted = { region: 'ie1', gateway: 'gw2', from: 'gw1' };
  const last: RecordedEvent = {
    ...events.at(-1)!,
    stream,
    id: crypto.randomUUID(),
    type: 'LegAdopted',
    version: 1,
    data: adopted,
  };
  return [...events, last].map(({ id, type, version, time, region, cause, correlation, data }) => ({
    id,
    type,
    version,
    time,
    region,
    cause,
    correlation,
    data: JSON.stringify(data),
  }));
};

/** A call of the peer's to the first gateway, which answers it and is gone. */
async function orphaned(): Promise<{ stream: string; events: RecordedEvent[] }> {
  await peer.send('INVITE', { content: sdpContent(theirSdp) });
  await happened(stores[0]!, 'MediaAllocated');
  const { stream } = (await eventsOf(stores[0]!))[0]!;
  await first.gateway.command(command(stream, 'AnswerRequested', {}));
  await heard('200 INVITE');
  await peer.within(peer.response(200, 'INVITE'), 'ACK', 1);
  await happened(stores[0]!, 'AnswerConfirmed');
  await first.kill();
  // From now on it talks to the other one.
  peer = new RawPeer(network, them, two);
  return { stream, events: await eventsOf(stores[0]!) };
}

describe('a leg whose gateway is gone', () => {
  it('is taken by another one, which tells the peer where it is now', async () => {
    const { stream, events } = await orphaned();
    const adopt = command(stream, 'LegAdoptRequested', { events: given(events, stream) });
    expect(await second.gateway.command(adopt)).toEqual({ accepted: true });
    await heard('INVITE');
    const invite = peer.request('INVITE');
    expect(invite.headers.get('Contact')).toBe(`<sip:${two}:5060;transport=udp>`);
    expect(invite.headers.get('Via')).toContain(two);
    expect(invite.body.toString()).toContain(`c=IN IP4 ${two}`);
    expect(invite.body.toString()).toContain('m=audio 30000 ');
    await peer.reply(invite, 200, { content: sdpContent(theirSdp) });
    await happened(stores[1]!, 'SessionRefreshed');

    // Its stream is the same, and goes on.
    const here = await eventsOf(stores[1]!);
    expect(here.slice(0, events.length).map(withoutPosition)).toEqual(events.map(withoutPosition));
    expect(here.slice(events.length, events.length + 2)).toMatchObject([
      { type: 'LegAdopted', revision: events.length },
      { type: 'OwnerRestarted', revision: events.length + 1, data: { node: 'ie1/gw2' } },
    ]);
    expect(stateName((await second.system.snapshot(stream)).value)).toBe(
      'live dialog:connected.confirmed media:idle',
    );
    expect(second.media.done).toEqual(['allocate 20000', 'connect', 'connect']);

    // The same command again changes nothing.
    expect(await second.gateway.command(adopt)).toEqual({ accepted: true });
    expect(await eventsOf(stores[1]!)).toHaveLength(here.length);

    await second.gateway.command(command(stream, 'HangupRequested', { reason: 'completed' }));
    await heard('BYE');
    const number = (method: string) => Number.parseInt(peer.request(method).headers.get('CSeq')!, 10);
    expect(number('BYE')).toBeGreaterThan(number('INVITE'));
    await peer.reply(peer.request('BYE'), 200);
    await happened(stores[1]!, 'LegEnded');
    expect(second.gateway.legs).toBe(0);
  });

  it('is not taken with events that are none, nor over another leg of that name', async () => {
    const { stream, events } = await orphaned();
    const adopt = (broken: KeptEvent[]) =>
      second.gateway.command(command(stream, 'LegAdoptRequested', { events: broken }));
    const [offered, ...rest] = given(events, stream);
    await expect(adopt([{ ...offered!, data: '{' }])).rejects.toMatchObject({
      code: 'runtime.invalid-event',
    });
    await expect(adopt([{ ...offered!, data: '{}' }])).rejects.toMatchObject({
      code: 'runtime.invalid-event',
    });
    await adopt([offered!, ...rest]);
    await expect(adopt([{ ...offered!, id: crypto.randomUUID() }])).rejects.toMatchObject({
      code: 'store.wrong-revision',
    });
    await heard('INVITE');
  });

  it('is forgotten by its own when that is back, before it says anything to the peer', async () => {
    const { stream, events } = await orphaned();
    await second.gateway.command(command(stream, 'LegAdoptRequested', { events: given(events, stream) }));
    await heard('INVITE');
    const before = [...peer.heard];
    first = gateway('gw1', one, stores[0]!, 20_000);
    await first.system.recover((live) => (live === stream ? { type: 'LegTaken', data: {} } : undefined));
    first.gateway.open();
    await happened(stores[0]!, 'LegEnded');
    expect(first.gateway.legs).toBe(0);
    expect(first.media.done).toEqual(['release']);
    expect(peer.heard).toEqual(before);
  });

  it('is let go while its gateway is at work, and its peer hears nothing of that', async () => {
    await peer.send('INVITE', { content: sdpContent(theirSdp) });
    await happened(stores[0]!, 'MediaAllocated');
    const { stream } = (await eventsOf(stores[0]!))[0]!;
    await first.gateway.command(command(stream, 'AnswerRequested', {}));
    await heard('200 INVITE');
    await peer.within(peer.response(200, 'INVITE'), 'ACK', 1);
    await happened(stores[0]!, 'AnswerConfirmed');
    const before = [...peer.heard];
    first.gateway.letGo(stream.slice('leg-'.length));
    await happened(stores[0]!, 'LegEnded');
    expect(first.gateway.legs).toBe(0);
    expect(peer.heard).toEqual(before);
    await peer.within(peer.response(200, 'INVITE'), 'BYE', 2);
    await heard('481 BYE');
  });
});
