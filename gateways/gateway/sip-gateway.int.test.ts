import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ActorSystem } from '@tandem/actors/runtime/actor-system.ts';
import { stateName } from '@tandem/actors/runtime/behaviour.ts';
import type { EventStore } from '@tandem/actors/stores/event-store.ts';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite-event-store.ts';
import type { MediaEvents, MediaPlane } from '../media/media-plane.ts';
import { sdpContent } from '../sip/build-message.ts';
import type { UserAgent } from '../sip/session.ts';
import { MemoryNetwork } from '../sip/testing/memory-network.ts';
import { RawPeer } from '../sip/testing/raw-peer.ts';
import { createUserAgent } from '../sip/user-agent.ts';
import { SipGateway } from './sip-gateway.ts';

const us = '192.0.2.1';
const them = '192.0.2.2';
const offerSdp = `v=0\r\no=a 1 1 IN IP4 ${them}\r\ns=-\r\nc=IN IP4 ${them}\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n`;

/** Media sessions of which only the being there matters. */
class Sessions extends EventEmitter<MediaEvents> implements MediaPlane {
  readonly here = new Set<string>();
  async allocate({ id }: { id: string }) {
    this.here.add(id);
    return { id, address: us, port: 20_000 };
  }
  async release(id: string) {
    this.here.delete(id);
  }
  async connect() {}
  play() {}
  stop() {}
  sendDigits() {}
  bridge() {}
  unbridge() {}
  setSilenceLimit() {}
  async close() {}
}

let store: EventStore;
let system: ActorSystem;
let userAgent: UserAgent;
let network: MemoryNetwork;
let peer: RawPeer;
let media: Sessions;
let gateway: SipGateway;
let errors: unknown[];
let linked: boolean;

beforeEach(() => {
  errors = [];
  linked = true;
  network = new MemoryNetwork();
  store = openSqliteEventStore({ file: ':memory:' });
  system = new ActorSystem({
    ...{ store, node: 'ie1/gw1', region: 'ie1', onError: (error) => errors.push(error) },
    checkpoints: { load: async () => undefined, save: async () => {} },
  });
  userAgent = createUserAgent({ transport: network.open(us) });
  media = new Sessions();
  peer = new RawPeer(network, them, us);
  gateway = new SipGateway({
    ...{ region: 'ie1', gateway: 'gw1', capacity: 10, silenceLimit: 0, system, userAgent, media },
    trunks: [{ name: 'carrier', address: `${them}:5060`, transport: 'udp', prefixes: ['+'] }],
    isLinked: () => linked,
    onError: (error) => errors.push(error),
  });
  gateway.open();
});
afterEach(async () => {
  await userAgent.close();
  await system.close();
  await store.close();
});

const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise(setImmediate);
};

const call = (callId: string) =>
  peer.send('INVITE', { callId, branch: `z9hG4bK-${callId}`, content: sdpContent(offerSdp) });

/** The ends of all legs, in order. */
async function ends(): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const { type, data } of store.readAll({})) if (type === 'LegEnded') found.push(data);
  return found;
}

async function legIds(): Promise<string[]> {
  const found: string[] = [];
  for await (const { type, stream } of store.readAll({}))
    if (type === 'MediaAllocated') found.push(stream.slice('leg-'.length));
  return found;
}

const command = (legId: string, type: string, data: object) =>
  gateway.command({
    ...{ id: crypto.randomUUID(), stream: `leg-${legId}`, type, data, cause: '', correlation: 'CA1' },
  } as never);

const request = (legId: string) => ({
  ...{ legId, callSid: 'CA1', region: 'ie1', gateway: '', from: '+15550199', to: '+15550142' },
  ...{ routes: [], timeout: 20_000, codecs: [] },
});

describe('a gateway that is to hang a leg up', () => {
  it('says so when the leg was never begun, and begins none', async () => {
    await expect(command('LEnever', 'HangupRequested', { reason: 'completed' })).rejects.toMatchObject({
      code: 'sip.no-such-leg',
    });
    expect(await Array.fromAsync(store.readStream('leg-LEnever'))).toEqual([]);
  });

  it('does nothing for one that has ended', async () => {
    await call('over');
    await until(async () => (await legIds()).length === 1);
    const [legId] = await legIds();
    const hangUp = () => command(legId!, 'HangupRequested', { reason: 'rejected' });
    expect(await hangUp()).toEqual({ accepted: true });
    await until(async () => (await ends()).length === 1);
    expect(await hangUp()).toEqual({ accepted: false });
  });
});

describe('a gateway without a link', () => {
  it('refuses new calls, which nobody would carry on', async () => {
    linked = false;
    await call('unheard');
    await until(() => peer.heard.includes('503 INVITE'));
    expect(await Array.fromAsync(store.readAll())).toEqual([]);
  });
});

describe('a gateway that is stopped', () => {
  it('refuses who calls, answers none, and says goodbye to those whom it has answered', async () => {
    await call('answered');
    await until(async () => (await legIds()).length === 1);
    await command((await legIds())[0]!, 'AnswerRequested', {});
    await until(() => peer.heard.includes('200 INVITE'));
    const { headers } = peer.response(200, 'INVITE');
    await peer.send('ACK', { callId: 'answered', to: headers.get('To')! });
    await until(async () => {
      const { value } = await system.snapshot(`leg-${(await legIds())[0]}`);
      return stateName(value).includes('confirmed');
    });
    await call('offered');
    await until(async () => (await legIds()).length === 2);
    await command('LEout', 'LegRequested', request('LEout'));
    await until(() => peer.heard.includes('INVITE'));
    await peer.reply(peer.request('INVITE'), 180, { tag: 'callee' });
    await until(async () => {
      const { value } = await system.snapshot('leg-LEout');
      return stateName(value).includes('progressing');
    });

    const drained = gateway.drain(60_000);
    await until(() => ['BYE', '500 INVITE', 'CANCEL'].every((one) => peer.heard.includes(one)));
    expect(peer.request('BYE').headers.get('Reason')).toContain('The gateway was stopped');
    await call('late');
    await until(() => peer.heard.includes('503 INVITE'));
    await expect(command('LElate', 'LegRequested', request('LElate'))).rejects.toMatchObject({
      code: 'sip.gateway-stopping',
    });
    await peer.reply(peer.request('BYE'), 200);
    expect(await drained).toBe(0);
    await system.close();
    expect(await ends()).toEqual(
      Array(3).fill({ reason: 'restarted', detail: 'The gateway was stopped', by: 'router' }),
    );
    expect(media.here.size).toBe(0);
    expect(errors).toEqual([]);
  });

  it('ends a leg that was asked for at that very moment', async () => {
    const asked = command('LEout', 'LegRequested', request('LEout'));
    expect(await gateway.drain(60_000)).toBe(0);
    expect(await asked).toEqual({ accepted: true });
    await system.close();
    expect(await ends()).toHaveLength(1);
    expect(media.here.size).toBe(0);
  });

  it('does not wait for ever for a peer that answers nothing', async () => {
    await call('answered');
    await until(async () => (await legIds()).length === 1);
    await command((await legIds())[0]!, 'AnswerRequested', {});
    await until(() => peer.heard.includes('200 INVITE'));
    await peer.send('ACK', { callId: 'answered', to: peer.response(200, 'INVITE').headers.get('To')! });
    expect(await gateway.drain(50)).toBe(1);
  });
});
