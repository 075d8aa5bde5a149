import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LegContext } from '@tandem/actors/machines/leg';
import { ActorSystem, stateName } from '@tandem/actors/runtime';
import type { EventStore } from '@tandem/actors/stores/event-store';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite';
import type { Messages } from '@tandem/proto/generated/events.ts';
import type { MediaEvents, MediaPlane, RemoteMedia } from '../media/plane/media-plane.ts';
import { answerOffer } from '../sdp/answer-offer.ts';
import type { UserAgent } from '../sip/dialog/session.ts';
import { type Header, sdpContent } from '../sip/message/build-message.ts';
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
  openPipe(): Promise<never> {
    throw new Error('These tests have no pipes.');
  }
  async connectPipe() {}
  stats(): Promise<never> {
    throw new Error('These tests measure nothing.');
  }
  readonly connected: RemoteMedia[] = [];
  async connect(_id: string, remote: RemoteMedia) {
    this.connected.push(remote);
  }
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
let routerAwayFor: number;
/** A number that the gateway answers itself. */
const OWN_NUMBER = '+15550110';
let legs: number[];
/** Whether the disk takes what happens. */
let stores: boolean;
/** Milliseconds for which the router has not acknowledged what it was sent. */
let routerWaits: number;
/** Whether the trunk is trusted that calls come from, and that numbers with +9 are sent to. */
let trusted: boolean;

/** `offerPatience` in milliseconds. */
function openGateway({ offerPatience }: { offerPatience: number } = { offerPatience: 600_000 }): void {
  gateway = new SipGateway({
    region: 'ie1',
    gateway: 'gw1',
    capacity: 10,
    silenceLimit: 0,
    system,
    userAgent,
    media,
    trunks: [
      { name: 'carrier', address: `${them}:5060`, transport: 'udp', prefixes: ['+'] },
      {
        name: 'peer',
        address: `${them}:5060`,
        transport: 'udp',
        prefixes: ['+9'],
        capacity: 10,
        get trusted() {
          return trusted;
        },
      },
      { name: 'narrow', address: `${them}:5060`, transport: 'udp', prefixes: ['+8', '8'], capacity: 1 },
    ],
    routerAwayFor: () => routerAwayFor,
    runsItself: (to) => to === OWN_NUMBER,
    offerPatience,
    chooseRouter: (_callSid, to) => (to === OWN_NUMBER ? 'ie1/gw1' : 'us1/r1'),
    stores: () => stores,
    routerWaits: () => routerWaits,
    onLegs: (count) => void legs.push(count),
    onError: (error) => errors.push(error),
  });
  gateway.open();
}

beforeEach(() => {
  errors = [];
  legs = [];
  stores = true;
  routerAwayFor = 0;
  trusted = false;
  routerWaits = 0;
  network = new MemoryNetwork();
  store = openSqliteEventStore({ file: ':memory:' });
  system = new ActorSystem({
    store,
    node: 'ie1/gw1',
    region: 'ie1',
    onError: (error) => errors.push(error),
    checkpoints: { load: async () => undefined, save: async () => {} },
  });
  userAgent = createUserAgent({
    transport: network.open(us),
    trusts: () => trusted,
    refuses: (_hop, address) => (address.startsWith('10.') ? 'private' : undefined),
  });
  media = new Sessions();
  peer = new RawPeer(network, them, us);
  openGateway();
});
afterEach(async () => {
  // Nothing waits in it for the next test.
  gateway.admit(false);
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
    id: crypto.randomUUID(),
    stream: `leg-${legId}`,
    type,
    data,
    cause: '',
    correlation: 'CA1',
  } as never);

const request = (legId: string) => ({
  legId,
  callSid: 'CA1',
  region: 'ie1',
  gateway: '',
  from: '+15550199',
  to: '+15550142',
  facts: {},
  routes: [],
  timeout: 20_000,
  codecs: [],
});

describe('the codecs of a leg', () => {
  const dataOf = async (type: string): Promise<unknown> => {
    for await (const event of store.readAll({})) if (event.type === type) return event.data;
    return undefined;
  };

  it('are told with the offer, as far as the gateway has them', async () => {
    const several = offerSdp.replace(/RTP\/AVP [\d ]+/, 'RTP/AVP 18 9 0');
    await peer.send('INVITE', { callId: 'in', branch: 'z9hG4bK-in', content: sdpContent(several) });
    await until(async () => (await legIds()).length === 1);
    expect(await dataOf('LegOffered')).toMatchObject({ codecs: ['G722', 'PCMU'] });
    expect(await dataOf('MediaAllocated')).toMatchObject({ codec: 'G722' });
  });

  it('are told with the answer to an offer that was made as the router wished', async () => {
    await command('LEout', 'LegRequested', { ...request('LEout'), codecs: ['G722'] });
    await until(() => peer.heard.includes('INVITE'));
    const invite = peer.request('INVITE');
    const offered = Buffer.from(invite.body).toString();
    expect(offered).toMatch(/^m=audio \d+ RTP\/AVP 9 0 8 /m);
    const answer = answerOffer(offered, { address: '192.0.2.9', port: 4000, sessionId: '7', version: 1 }).sdp;
    await peer.reply(invite, 200, { tag: 'callee', content: sdpContent(answer) });
    await until(async () => (await dataOf('AnswerReceived')) !== undefined);
    expect(await dataOf('AnswerReceived')).toMatchObject({ codec: 'G722' });
  });
});

describe('the X- header fields of a leg', () => {
  const kept = async (): Promise<unknown> => {
    await peer.send('INVITE', {
      callId: 'in',
      branch: 'z9hG4bK-in',
      content: sdpContent(offerSdp),
      headers: [
        ['X-Customer', '42'],
        ['X-Tandem-Region', 'fr1'],
      ],
    });
    await until(async () => (await legIds()).length === 1);
    const [offered] = await Array.fromAsync(store.readStream(`leg-${(await legIds())[0]}`));
    return (offered!.data as Messages['LegOffered']).facts.headers;
  };
  const sent = async (to: string): Promise<Record<string, string>> => {
    const headers = { fields: [{ name: 'x-foo', value: 'bar' }] };
    await command('LEout', 'LegRequested', { ...request('LEout'), to, facts: { headers } });
    await until(() => peer.heard.includes('INVITE'));
    return Object.fromEntries([...peer.request('INVITE').headers].filter(([name]) => /^x-/i.test(name)));
  };
  const ours = {
    'X-Tandem-Region': 'ie1',
    'X-Tandem-Gateway': 'gw1',
    'X-Tandem-Call': 'CA1',
    'X-Tandem-Action': 'dial',
  };

  it('are kept, but for ours of a trunk that is not trusted', async () => {
    expect(await kept()).toEqual({ fields: [{ name: 'X-Customer', value: '42' }] });
  });

  it('are all kept of one that is', async () => {
    trusted = true;
    expect(await kept()).toMatchObject({ fields: [{}, { name: 'X-Tandem-Region', value: 'fr1' }] });
  });

  it('are sent, and say nothing of us to whom we do not trust', async () => {
    expect(await sent('+95550142')).toEqual({ 'x-foo': 'bar' });
  });

  it('say whose call it is to whom we trust', async () => {
    trusted = true;
    expect(await sent('+95550142')).toEqual({ 'x-foo': 'bar', ...ours });
  });

  it('say nothing of us to a SIP URI', async () => {
    trusted = true;
    expect(await sent(`sip:anna@${them}`)).toEqual({ 'x-foo': 'bar' });
  });
});

describe('an anonymous caller', () => {
  const sentTo = async (to: string): Promise<readonly (string | undefined)[]> => {
    const who = { from: 'anonymous', facts: { withheld: '+15550177' } };
    await command('LEout', 'LegRequested', { ...request('LEout'), ...who, to });
    await until(() => peer.heard.includes('INVITE'));
    const { headers } = peer.request('INVITE');
    return ['From', 'P-Asserted-Identity', 'Privacy'].map((name) => headers.get(name)?.split(';tag')[0]);
  };
  const nobody = '"Anonymous" <sip:anonymous@anonymous.invalid>';

  it('is not known where they call from, nor their name', async () => {
    await peer.send('INVITE', {
      callId: 'in',
      branch: 'z9hG4bK-in',
      content: sdpContent(offerSdp),
      headers: [
        ['P-Asserted-Identity', '"Ann" <sip:+15550177@carrier.example>'],
        ['Privacy', 'id'],
      ],
    });
    await until(async () => (await legIds()).length === 1);
    const [offered] = await Array.fromAsync(store.readStream(`leg-${(await legIds())[0]}`));
    expect(offered!.data).toMatchObject({ from: 'anonymous' });
    expect(offered!.data).not.toHaveProperty('facts.callerName');
    expect(offered!.data).not.toHaveProperty('facts.withheld');
  });

  it('is nobody to a carrier', async () => {
    expect(await sentTo('+95550142')).toEqual([nobody, undefined, 'id']);
  });

  it('is nobody to a SIP URI', async () => {
    trusted = true;
    expect(await sentTo(`sip:anna@${them}`)).toEqual([nobody, undefined, 'id']);
  });

  it('is known to a trunk that is trusted, which is to tell nobody', async () => {
    trusted = true;
    expect(await sentTo('+95550142')).toEqual([nobody, `<sip:+15550177@${us}>`, 'id']);
  });
});

it('hops are told of who calls, and are those of whom we call', async () => {
  await peer.send('INVITE', {
    callId: 'in',
    branch: 'z9hG4bK-in',
    content: sdpContent(offerSdp),
    headers: [['Max-Forwards', '030']],
  });
  await until(async () => (await legIds()).length === 1);
  const [offered] = await Array.fromAsync(store.readStream(`leg-${(await legIds())[0]}`));
  expect(offered!.data).toMatchObject({ facts: { maxForwards: 30 } });
  await command('LEout', 'LegRequested', { ...request('LEout'), facts: { maxForwards: 29 } });
  await until(() => peer.heard.includes('INVITE'));
  expect(peer.request('INVITE').headers.get('Max-Forwards')).toBe('29');
});

it('a leg to a host that may not be called ends with the reason', async () => {
  await command('LEout', 'LegRequested', { ...request('LEout'), to: 'sip:anna@10.0.0.1' });
  await until(async () => (await ends()).length === 1);
  const why = 'The SIP host 10.0.0.1 has the address 10.0.0.1 (private), to which nothing is sent.';
  expect(await ends()).toEqual([{ reason: 'failed', detail: expect.stringContaining(why), by: 'gateway' }]);
});

describe('a peer that takes its call off hold and lets us offer', () => {
  const described = (version: number, direction: string, payloadType = 0) =>
    sdpContent(
      `${offerSdp.replace('a 1 1', `a 1 ${version}`).replace('AVP 0', `AVP ${payloadType}`)}a=${direction}\r\n`,
    );
  const stateOf = async (legId: string) => (await system.snapshot(`leg-${legId}`)) as { context: LegContext };

  it('is offered all that we can do, and media and events follow what its ACK says', async () => {
    await call('held');
    await until(async () => (await legIds()).length === 1);
    const [legId] = await legIds();
    await command(legId!, 'AnswerRequested', {});
    await until(() => peer.heard.includes('200 INVITE'));
    const ok = peer.response(200, 'INVITE');
    await peer.within(ok, 'ACK', 1);
    peer.received.length = 0;
    await peer.within(ok, 'INVITE', 2, { content: described(2, 'sendonly') });
    await until(() => peer.heard.includes('200 INVITE'));
    expect(peer.response(200, 'INVITE').body.toString()).toContain('a=recvonly');
    await peer.within(ok, 'ACK', 2);

    peer.received.length = 0;
    media.connected.length = 0;
    await peer.within(ok, 'INVITE', 3);
    await until(() => peer.heard.includes('200 INVITE'));
    const offered = peer.response(200, 'INVITE').body.toString();
    expect(offered).toMatch(/^m=audio 20000 RTP\/AVP 0 8 9 /m);
    expect(offered).toMatch(/^o=- \d+ 3 /m);
    expect(offered).toContain('a=sendrecv');
    await peer.within(ok, 'ACK', 3, { content: described(3, 'sendrecv', 8) });
    await until(() => media.connected.length === 1);
    expect(media.connected).toMatchObject([{ codec: 'PCMA', direction: 'sendrecv' }]);
    const { session, held, offering } = (await stateOf(legId!)).context;
    expect([session.offerer, session.offer, held, offering]).toEqual(['us', offered, false, undefined]);
    expect(errors).toEqual([]);
  });
});

it('a caller without an offer gets ours while it rings, and is heard and spoken to before the answer', async () => {
  const headers = [
    ['Max-Forwards', '70'],
    ['Require', '100rel'],
  ] as const;
  await peer.send('INVITE', { callId: 'asks', branch: 'z9hG4bK-asks', headers });
  await until(async () => (await legIds()).length === 1);
  const [legId] = await legIds();
  await command(legId!, 'RingRequested', { earlyMedia: true });
  await until(() => peer.heard.includes('180 INVITE'));
  const rang = peer.response(180, 'INVITE');
  const answer = answerOffer(rang.body.toString(), { address: them, port: 4000, sessionId: '7', version: 1 });
  await peer.within(rang, 'PRACK', 2, {
    headers: [['RAck', `${rang.headers.get('RSeq')} 1 INVITE`]],
    content: sdpContent(answer.sdp),
  });
  await until(() => media.connected.length === 1);
  expect(media.connected).toMatchObject([{ address: them, port: 4000, direction: 'sendrecv' }]);
  await command(legId!, 'AnswerRequested', {});
  await until(() => peer.heard.includes('200 INVITE'));
  expect(peer.response(200, 'INVITE').body.length).toBe(0);
  await peer.within(peer.response(200, 'INVITE'), 'ACK', 1);
  await until(async () => {
    const { value } = await system.snapshot(`leg-${legId}`);
    return stateName(value).includes('confirmed');
  });
  expect(errors).toEqual([]);
});

it('a caller whose media is of another family of addresses is told so, before anybody is asked', async () => {
  const theirs = offerSdp.replaceAll('IP4 192.0.2.2', 'IP6 2001:db8::2');
  await peer.send('INVITE', { callId: 'six', branch: 'z9hG4bK-six', content: sdpContent(theirs) });
  await until(() => peer.heard.includes('488 INVITE'));
  expect(peer.response(488, 'INVITE').headers.get('Warning')).toBe(
    '301 tandem "Incompatible network address formats"',
  );
  await until(async () => (await ends()).length === 1);
  expect(await ends()).toMatchObject([
    {
      reason: 'media-failed',
      status: 488,
      detail: expect.stringMatching(/IPv6 address; .* is at 192\.0\.2\.1/),
    },
  ]);

  await call('four');
  await until(async () => (await legIds()).length === 1);
  const [legId] = await legIds();
  await command(legId!, 'AnswerRequested', {});
  await until(() => peer.heard.includes('200 INVITE'));
  const ok = peer.response(200, 'INVITE');
  await peer.within(ok, 'ACK', 1);
  // So is who changes to one, and the session stays as it was.
  await peer.within(ok, 'INVITE', 2, { content: sdpContent(theirs) });
  await until(() => peer.heard.filter((one) => one === '488 INVITE').length === 2);
  expect(peer.response(488, 'INVITE').headers.get('Warning')).toMatch(/^301 /);
});

describe('a peer that changes its early media', () => {
  const reliable = [
    ['Require', '100rel'],
    ['RSeq', '1'],
    ['Allow', 'PRACK, UPDATE'],
  ] as const;
  const answerOf = (offer: string, version: number) =>
    answerOffer(offer, { address: them, port: 4000, sessionId: '7', version }).sdp;

  it('is answered and heard where it says before it answers, and after', async () => {
    await command('LEout', 'LegRequested', request('LEout'));
    await until(() => peer.heard.includes('INVITE'));
    const invite = peer.request('INVITE');
    const first = answerOf(invite.body.toString(), 1);
    await peer.reply(invite, 183, { tag: 'callee', headers: reliable, content: sdpContent(first) });
    await until(() => peer.heard.includes('PRACK') && media.connected.length === 1);
    await peer.reply(peer.request('PRACK'), 200, { tag: 'callee' });
    const ringback = offerSdp.replace('audio 4000', 'audio 4002').replace('AVP 0', 'AVP 8');
    await peer.back(invite, 'callee', 'UPDATE', 1, { content: sdpContent(ringback) });
    await until(() => peer.heard.includes('200 UPDATE') && media.connected.length === 2);
    expect(peer.response(200, 'UPDATE').body.toString()).toMatch(/^m=audio 20000 RTP\/AVP 8\r$/m);
    expect(media.connected[1]).toMatchObject({ port: 4002, codec: 'PCMA' });
    await peer.reply(invite, 200, { tag: 'callee', content: sdpContent(first) });
    await until(() => media.connected.length === 3);
    expect(media.connected[2]).toMatchObject({ port: 4002, codec: 'PCMA' });
    const events = await Array.fromAsync(store.readStream('leg-LEout'));
    expect(events.at(-1)).toMatchObject({ type: 'AnswerReceived', data: { sdp: ringback, codec: 'PCMA' } });
    expect(errors).toEqual([]);
  });

  it('is answered also when it is the caller, in its PRACK or by UPDATE', async () => {
    await peer.send('INVITE', {
      callId: 'early',
      branch: 'z9hG4bK-early',
      content: sdpContent(offerSdp),
      headers: [['Supported', '100rel']],
    });
    await until(async () => (await legIds()).length === 1);
    const [legId] = await legIds();
    await command(legId!, 'RingRequested', { earlyMedia: true });
    await until(() => peer.heard.includes('183 INVITE'));
    const rang = peer.response(183, 'INVITE');
    const moved = (port: number) => sdpContent(offerSdp.replace('audio 4000', `audio ${port}`));
    const rack = `${rang.headers.get('RSeq')} 1 INVITE`;
    await peer.within(rang, 'PRACK', 2, { headers: [['RAck', rack]], content: moved(4002) });
    await until(() => peer.heard.includes('200 PRACK'));
    expect(peer.response(200, 'PRACK').body.toString()).toContain('m=audio 20000');
    await peer.within(rang, 'UPDATE', 3, { content: moved(4004) });
    await until(() => peer.heard.includes('200 UPDATE') && media.connected.length === 3);
    expect(media.connected.map(({ port }) => port)).toEqual([4000, 4002, 4004]);
    await command(legId!, 'AnswerRequested', {});
    await until(() => peer.heard.includes('200 INVITE'));
    expect(peer.response(200, 'INVITE').body).toHaveLength(0);
    expect(errors).toEqual([]);
  });
});

describe('a gateway that is to hang a leg up', () => {
  it('says so when the leg was never begun, and begins none', async () => {
    await expect(command('LEnever', 'HangupRequested', { reason: 'completed' })).rejects.toMatchObject({
      code: 'sip.no-such-leg',
    });
    expect(await Array.fromAsync(store.readStream('leg-LEnever'))).toEqual([]);
  });

  it('has lost one that is no longer kept, for a router that asks after it', async () => {
    await store.delete('leg-LEold', 'any');
    await expect(command('LEold', 'Sought', {})).rejects.toMatchObject({ code: 'sip.no-such-leg' });
    expect(await command('LEold', 'HangupRequested', { reason: 'completed' })).toEqual({ accepted: false });
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
    routerAwayFor = 60_000;
    await call('unheard');
    await until(() => peer.heard.includes('503 INVITE'));
    expect(await Array.fromAsync(store.readAll())).toEqual([]);
  });

  it('takes calls to its own numbers, and says that it runs them itself', async () => {
    routerAwayFor = 60_000;
    await peer.send('INVITE', {
      callId: 'own',
      uri: `sip:${OWN_NUMBER}@${us}`,
      to: `<sip:${OWN_NUMBER}@${us}>`,
      content: sdpContent(offerSdp),
    });
    await until(async () => (await legIds()).length === 1);
    const [offered] = await Array.fromAsync(store.readStream(`leg-${(await legIds())[0]}`));
    expect(offered!.data).toMatchObject({ to: OWN_NUMBER, router: 'ie1/gw1' });
  });
});

describe('a gateway whose store broke', () => {
  it('takes no call, and says so to who asks whether it is well', async () => {
    stores = false;
    await call('late');
    await until(() => peer.heard.includes('503 INVITE'));
    expect(peer.response(503, 'INVITE').headers.get('Reason')).toContain('Nothing can be stored');
    await peer.send('OPTIONS', { callId: 'health', branch: 'z9hG4bK-o1' });
    await until(() => peer.heard.includes('503 OPTIONS'));
    expect(await legIds()).toEqual([]);
  });
});

describe('a gateway that drains', () => {
  it('takes nothing new, says so when it is asked, and goes on when it may', async () => {
    await call('before');
    await until(async () => (await legIds()).length === 1);
    gateway.admit(false);
    await call('late');
    await until(() => peer.heard.includes('503 INVITE'));
    const refusal = peer.response(503, 'INVITE').headers;
    expect(refusal.get('Retry-After')).toBe('300');
    expect(refusal.get('Reason')).toContain('draining');
    await peer.send('OPTIONS', { callId: 'health', branch: 'z9hG4bK-o1' });
    await until(() => peer.heard.includes('503 OPTIONS'));
    await expect(command('LElate', 'LegRequested', request('LElate'))).rejects.toMatchObject({
      code: 'sip.gateway-draining',
    });
    expect(await command((await legIds())[0]!, 'AnswerRequested', {})).toEqual({ accepted: true });
    gateway.admit(true);
    await peer.send('OPTIONS', { callId: 'again', branch: 'z9hG4bK-o2' });
    await until(() => peer.heard.includes('200 OPTIONS'));
    expect(await command('LEnow', 'LegRequested', request('LEnow'))).toEqual({ accepted: true });
  });
});

describe('a gateway at its capacity', () => {
  it('refuses more legs until one has left, and tells how many there are', async () => {
    for (let count = 0; count < 10; count += 1) await call(`call-${count}`);
    await until(async () => (await legIds()).length === 10);
    expect(legs.slice(0, 10)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    await call('late');
    await until(() => peer.heard.includes('503 INVITE'));
    expect(peer.response(503, 'INVITE').headers.get('Retry-After')).toBe('10');
    await expect(command('LElate', 'LegRequested', request('LElate'))).rejects.toMatchObject({
      code: 'sip.gateway-full',
    });
    await command((await legIds())[0]!, 'HangupRequested', { reason: 'rejected' });
    await until(() => gateway.legs === 9);
    expect(await command('LEnow', 'LegRequested', request('LEnow'))).toEqual({ accepted: true });
  });

  it('keeps nothing of a call that it refuses: no event, no port, and no transaction', async () => {
    for (let count = 0; count < 10; count += 1) await call(`call-${count}`);
    await until(async () => (await legIds()).length === 10);
    const refused = await call('late');
    await until(() => peer.heard.includes('503 INVITE'));
    const { headers } = peer.response(503, 'INVITE');
    await peer.send('ACK', { callId: 'late', branch: 'z9hG4bK-late', to: headers.get('To')! });
    // The same INVITE is asked about anew, as one of which nothing is known.
    await command((await legIds())[0]!, 'HangupRequested', { reason: 'rejected' });
    await until(() => gateway.legs === 9);
    expect(media.here.size).toBe(9);
    await peer.again(refused);
    await until(async () => (await legIds()).length === 11);
    const offered: unknown[] = [];
    for await (const { type, data } of store.readAll({}))
      if (type === 'LegOffered') offered.push((data as Messages['LegOffered']).dialog.callId);
    expect(offered).toHaveLength(11);
    expect(offered.filter((callId) => callId === 'late')).toHaveLength(1);
  });
});

describe('a trunk at its capacity', () => {
  const to = (number: string, legId: string) => ({ ...request(legId), to: number });

  it('leaves calls of ours to other trunks, and has none where no other reaches the number', async () => {
    await command('LEfirst', 'LegRequested', to('+8555', 'LEfirst'));
    await until(() => peer.heard.includes('INVITE'));
    await command('LEsecond', 'LegRequested', to('+8555', 'LEsecond'));
    const { context } = await system.snapshot('leg-LEsecond');
    expect((context as LegContext).routes).toMatchObject([{ trunk: 'carrier' }]);
    await expect(command('LEthird', 'LegRequested', to('8555', 'LEthird'))).rejects.toMatchObject({
      code: 'sip.trunks-full',
      params: { trunks: 'narrow' },
    });
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

    const drained = gateway.stop(60_000);
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
    expect(await gateway.stop(60_000)).toBe(0);
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
    expect(await gateway.stop(50)).toBe(1);
  });
});

describe('a call that comes while no router can take it', () => {
  const invite = (callId: string, headers: Header[] = []) =>
    peer.send('INVITE', {
      callId,
      branch: `z9hG4bK-${callId}`,
      content: sdpContent(offerSdp),
      headers: [['Max-Forwards', '70'], ...headers],
    });
  const trying = async (callId: string, headers?: Header[]) => {
    const before = peer.heard.filter((one) => one === '100 INVITE').length;
    await invite(callId, headers);
    await until(() => peer.heard.filter((one) => one === '100 INVITE').length > before);
  };

  it('waits at 100 Trying, is not stored meanwhile, and is taken when one is there', async () => {
    routerAwayFor = 1;
    await trying('waits');
    await trying('another');
    expect(legs.at(-1)).toBe(2);
    await peer.send('OPTIONS', { callId: 'options' });
    await until(() => peer.heard.includes('200 OPTIONS'));
    expect(await legIds()).toEqual([]);
    routerAwayFor = 0;
    await until(async () => (await legIds()).length === 2);
    expect(errors).toEqual([]);
  });

  it('is refused when that takes too long, with a word when to try again', async () => {
    openGateway({ offerPatience: 40 });
    routerAwayFor = 1;
    await call('waits');
    await until(() => peer.heard.includes('503 INVITE'));
    const { headers } = peer.response(503, 'INVITE');
    expect(headers.get('Reason')).toBe('Q.850;cause=38;text="No call router is linked"');
    expect(Number(headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(legs.at(-1)).toBe(0);
    for await (const event of store.readAll()) throw new Error(`${event.type} was stored`);
  });

  it('is over when its caller gives up', async () => {
    routerAwayFor = 1;
    await trying('waits');
    await peer.send('CANCEL', { callId: 'waits', branch: 'z9hG4bK-waits' });
    await until(() => peer.heard.includes('487 INVITE'));
    await until(() => legs.at(-1) === 0);
    routerAwayFor = 0;
    await call('next');
    await until(async () => (await legIds()).length === 1);
    for await (const { type, data } of store.readAll())
      if (type === 'LegOffered') expect((data as { dialog: { callId: string } }).dialog.callId).toBe('next');
  });

  it('is over when its INVITE expires', async () => {
    routerAwayFor = 1;
    await trying('waits', [['Expires', '0']]);
    await until(() => peer.heard.includes('487 INVITE'));
    expect(legs.at(-1)).toBe(0);
  });

  it('does not wait when the gateway runs it itself', async () => {
    routerAwayFor = 1;
    await trying('waits');
    await peer.send('INVITE', {
      callId: 'own',
      branch: 'z9hG4bK-own',
      content: sdpContent(offerSdp),
      uri: `sip:${OWN_NUMBER}@${us}`,
    });
    await until(async () => (await legIds()).length === 1);
  });

  it.each([
    ['is stopped', '41;text="The gateway is being stopped"', () => gateway.stop(1000)],
    ['is left for the next process', '41;text="The gateway is being restarted"', () => gateway.leave(1000)],
    ['is drained', '42;text="The gateway is draining"', () => gateway.admit(false)],
  ])('is refused at once when the gateway %s', async (_how, cause, end) => {
    routerAwayFor = 1;
    await trying('waits');
    const ended = end();
    await until(() => peer.heard.includes('503 INVITE'));
    expect(peer.response(503, 'INVITE').headers.get('Reason')).toBe(`Q.850;cause=${cause}`);
    await ended;
    expect(legs.at(-1)).toBe(0);
  });
});

describe('a gateway whose router has too much to do', () => {
  const answered = async (callId: string): Promise<string> => {
    await call(callId);
    await until(async () => (await legIds()).length === 1);
    const [legId] = await legIds();
    await command(legId!, 'AnswerRequested', {});
    await until(() => peer.heard.includes('200 INVITE'));
    const to = peer.response(200, 'INVITE').headers.get('To')!;
    await peer.send('ACK', { callId, to });
    return to;
  };

  it('refuses new calls at once, keeps nothing of them, and takes them again when that is over', async () => {
    routerWaits = 5000;
    await call('refused');
    await until(() => peer.heard.includes('503 INVITE'));
    const { headers } = peer.response(503, 'INVITE');
    const tag = headers.get('To');
    expect(headers.get('Reason')).toBe('Q.850;cause=42;text="Overload: router"');
    expect(Number(headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(peer.heard).not.toContain('100 INVITE');
    await call('refused');
    await until(() => peer.heard.filter((one) => one === '503 INVITE').length === 2);
    expect(peer.response(503, 'INVITE').headers.get('To')).toBe(tag);
    expect(legs).toEqual([]);
    routerWaits = 0;
    await call('taken');
    await until(async () => (await legIds()).length === 1);
    expect(gateway.counters.refusedOverload).toBe(2);
  });

  it('takes the calls of a trunk that calls seldom, and refuses those of one that floods it', async () => {
    routerWaits = 1500;
    for (let i = 0; i < 12; i++) await call(`flood${i}`);
    await until(() => peer.heard.filter((one) => one === '503 INVITE').length === 10);
    await until(async () => (await legIds()).length === 2);
    expect(gateway.counters.refusedOverload).toBe(10);
  });

  it('serves the calls that are there, and begins legs for them', async () => {
    const to = await answered('here');
    routerWaits = 5000;
    expect(await command('LEout', 'LegRequested', { ...request('LEout'), to: '+15550142' })).toEqual({
      accepted: true,
    });
    await until(() => peer.heard.includes('INVITE'));
    await peer.send('BYE', { callId: 'here', to, branch: 'z9hG4bK-bye', sequence: 2 });
    await until(() => peer.heard.includes('200 BYE'));
  });
});
