import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { stateName } from '@tandem/actors/runtime';
import type { EventStore, RecordedEvent } from '@tandem/actors/stores/event-store';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite';
import { sdpContent } from '../sip/message/build-message.ts';
import { MemoryNetwork } from '../sip/testing/memory-network.ts';
import { RawPeer } from '../sip/testing/raw-peer.ts';
import { GatewayProcess } from './testing/gateway-process.ts';

const us = '192.0.2.1';
const them = '192.0.2.2';
const theirSdp = (port: number, more = '') =>
  `v=0\r\no=a 1 ${port} IN IP4 ${them}\r\ns=-\r\nc=IN IP4 ${them}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\n${more}`;

let store: EventStore;
let network: MemoryNetwork;
let peer: RawPeer;
let errors: unknown[];
let process: GatewayProcess;
let running = false;

const newProcess = (port: number | 'none') =>
  new GatewayProcess({
    address: us,
    carrier: them,
    store,
    network,
    port,
    onError: (error) => errors.push(error),
  });

beforeEach(async () => {
  running = true;
  errors = [];
  network = new MemoryNetwork();
  store = openSqliteEventStore({ file: ':memory:' });
  peer = new RawPeer(network, them, us);
  process = await newProcess(20_000).start();
});
afterEach(async () => {
  running = false;
  await process.kill();
  await store.close();
  expect(errors).toEqual([]);
});

/** Waits, as long as the test runs. */
const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  while (running && !(await condition())) await new Promise(setImmediate);
};
const heard = (message: string) => until(() => peer.heard.includes(message));
const events = (): Promise<RecordedEvent[]> => Array.fromAsync(store.readAll());
const happened = (type: string, count = 1) =>
  until(async () => (await events()).filter((event) => event.type === type).length === count);
const legId = async () =>
  (await events()).find(({ type }) => type === 'LegOffered')!.stream.slice('leg-'.length);
const state = async () => stateName((await process.system.snapshot(`leg-${await legId()}`)).value);

const tell = async (type: string, data: object) =>
  process.gateway.command({
    id: crypto.randomUUID(),
    stream: `leg-${await legId()}`,
    type,
    data,
    cause: '',
    correlation: 'CA1',
  } as never);

/** A peer calls, and is answered. */
async function connected() {
  await peer.send('INVITE', { content: sdpContent(theirSdp(4000)) });
  await happened('MediaAllocated');
  await tell('AnswerRequested', {});
  await heard('200 INVITE');
  const ok = peer.response(200, 'INVITE');
  await peer.within(ok, 'ACK', 1);
  await happened('AnswerConfirmed');
  return ok;
}

async function restart(port: number | 'none' = 20_000): Promise<void> {
  peer.received.length = 0;
  await process.kill();
  process = await newProcess(port).start();
}

describe('a gateway that is started again', () => {
  it('has its connected leg go on: ports, media, dialog', async () => {
    const ok = await connected();
    await tell('BridgeRequested', { peer: 'LE2', hears: false });
    await tell('PlayRequested', { playId: 'PL1', items: [], loop: 1 });
    await restart();
    await heard('INVITE');
    expect(peer.request('INVITE').body.toString()).toBe(ok.body.toString());
    expect(process.media.done).toEqual(['allocate 20000', 'connect', 'bridge LE2', 'play PL1']);
    expect(process.media.remotes).toMatchObject([{ address: them, port: 4000, codec: 'PCMU' }]);
    await peer.reply(peer.request('INVITE'), 200, { content: sdpContent(theirSdp(4000)) });
    await happened('SessionRefreshed');
    await peer.within(ok, 'BYE', 2);
    await happened('LegEnded');
    expect((await events()).at(-1)!.data).toEqual({ reason: 'completed', by: 'peer' });
    expect(process.media.done.at(-1)).toBe('release');
    expect(process.gateway.legs).toBe(0);
  });

  it('hears what its peers said meanwhile', async () => {
    const ok = await connected();
    await process.kill();
    process = newProcess(20_000);
    await peer.within(ok, 'BYE', 2);
    await new Promise(setImmediate);
    expect(peer.heard).not.toContain('200 BYE');
    await process.start();
    await heard('200 BYE');
    await happened('LegEnded');
  });

  it('answers a change of the session that comes after all', async () => {
    const ok = await connected();
    await restart();
    await heard('INVITE');
    await peer.reply(peer.request('INVITE'), 200, { content: sdpContent(theirSdp(4000)) });
    await happened('SessionRefreshed');
    await peer.within(ok, 'INVITE', 2, { content: sdpContent(theirSdp(4002, 'a=sendonly\r\n')) });
    await heard('200 INVITE');
    const answer = peer.response(200, 'INVITE').body.toString();
    expect(answer).toContain('a=recvonly');
    const version = (sdp: string) => /^o=- (\d+ \d+)/m.exec(sdp)![1]!.split(' ').map(Number);
    const [session, first] = version(ok.body.toString());
    expect(version(answer)).toEqual([session, first! + 1]);
    await peer.within(ok, 'ACK', 2);
  });

  it('tells the peer of its other ports, and hangs up one that does not accept them', async () => {
    await connected();
    await restart(20_002);
    await heard('INVITE');
    expect(peer.request('INVITE').body.toString()).toContain('m=audio 20002 ');
    await peer.reply(peer.request('INVITE'), 488);
    await heard('BYE');
    await peer.reply(peer.request('BYE'), 200);
    await happened('LegEnded');
    expect((await events()).at(-1)!.data).toMatchObject({ reason: 'restarted', by: 'gateway' });
  });

  it('keeps the leg of a peer that refuses the refresh: it is there', async () => {
    await connected();
    await restart();
    await heard('INVITE');
    await peer.reply(peer.request('INVITE'), 488);
    await happened('SessionRefreshed');
    expect(await state()).toBe('live dialog:connected.confirmed media:idle');
  });

  it('ends the leg of a peer that knows nothing of it any more', async () => {
    await connected();
    await restart();
    await heard('INVITE');
    await peer.reply(peer.request('INVITE'), 481);
    await happened('LegEnded');
    expect((await events()).at(-1)!.data).toMatchObject({ reason: 'completed', by: 'peer' });
  });

  it('hangs up a leg for which there are no ports', async () => {
    await connected();
    await restart('none');
    await heard('BYE');
    await peer.reply(peer.request('BYE'), 200);
    await happened('LegEnded');
    expect((await events()).at(-1)!.data).toMatchObject({ reason: 'media-failed' });
  });

  it('takes back what rang', async () => {
    const data = {
      legId: 'LEout',
      callSid: 'CA1',
      region: 'ie1',
      gateway: '',
      from: '+15550199',
      to: '+15550142',
    };
    await process.gateway.command({
      id: crypto.randomUUID(),
      stream: 'leg-LEout',
      type: 'LegRequested',
      cause: '',
      correlation: 'CA1',
      data: { ...data, facts: {}, routes: [], timeout: 20_000, codecs: [] },
    } as never);
    await heard('INVITE');
    const invite = peer.request('INVITE');
    await peer.reply(invite, 180);
    await happened('ProgressReceived');
    await restart();
    await heard('CANCEL');
    expect(peer.request('CANCEL').headers.get('Via')).toBe(invite.headers.get('Via'));
    await happened('LegEnded');
    expect((await events()).at(-1)!.data).toMatchObject({ reason: 'restarted' });
  });
});
