import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { freePort } from '@tandem/actors/testing/free-port.ts';
import { needProgram } from '@tandem/actors/testing/need-program.ts';
import type { SipPhone } from '@tandem/phones';
import { type Pages, pages } from './harness/application-server.ts';
import { hearEachOther, talk } from './harness/conversation.ts';
import {
  callSids,
  callsOf,
  type EndedCall,
  expectReplayed,
  historyOf,
  type StoredStreams,
  storedStreams,
} from './harness/history.ts';
import { Network, NUMBER } from './harness/network.ts';
import { called, hangsUp } from './harness/peers.ts';
import { callFrom, openPhone, PhonePeer, picksUp, rings } from './harness/phone-peer.ts';
import { TandemProcess } from './harness/process.ts';
import { Sipp } from './harness/sipp.ts';
import {
  caller as asks,
  expectAnswer,
  expectRequest,
  reply,
  scenario,
  sdp,
  waitFor,
} from './harness/sipp-scenario.ts';
import { hears, toneFile } from './harness/sound.ts';
import { udpPortsOf } from './harness/udp-ports.ts';

// The region's process is killed while calls are up, and started again: they go on.

let network: Network;
let phones: SipPhone[];
let before: ReadonlySet<string>;
beforeAll(async () => {
  network = await Network.start({ application: pages({}) });
});
afterAll(async () => {
  expect(await network?.close()).toEqual({ region: 0, main: 0 });
});
beforeEach(async () => {
  phones = [];
  before = new Set(await callSids(network));
});
afterEach(async () => {
  for (const phone of phones) await phone.close();
});

const phone = async (number: string, port?: number): Promise<SipPhone> => {
  const opened = await openPhone(number, port);
  phones.push(opened);
  return opened;
};

const caller = async (application: Pages): Promise<PhonePeer> => {
  network.application.serve(pages(application));
  return callFrom(await phone('+15550199'), `sip:${NUMBER}@${network.sip}`);
};

/** Kills the region's process as a power cut would, lets something happen, and starts it again. */
async function restart(meanwhile: () => unknown = () => {}): Promise<number> {
  const killed = performance.now();
  await network.region.kill();
  await meanwhile();
  await network.startRegion();
  return killed;
}

/** How long nothing was heard is worth knowing, and not a matter of right and wrong. */
const sayGap = (what: string, killed: number): void =>
  console.info(
    `${what}: ${Math.round(performance.now() - killed)} ms from the kill until it was heard again`,
  );

/** The calls of the test, all of which have ended, in stores that agree, with every port given back. */
async function ended(): Promise<EndedCall[]> {
  try {
    const calls = (await callsOf(network)).filter(({ sid }) => !before.has(sid));
    await expectReplayed(network);
    expect(await udpPortsOf(network.region.pid)).toEqual([network.sipPort]);
    return calls;
  } catch (error) {
    console.error(await historyOf(network, (sid) => !before.has(sid)), network.region.problems);
    throw error;
  }
}

const DIAL = {
  '/voice': '<Response><Dial><Number>+15550142</Number></Dial><Play loop="0">/tone.wav</Play></Response>',
  '/tone.wav': { contentType: 'audio/wav', body: toneFile(620, 2) },
};
const COMPLETED = { state: 'ended', reason: 'completed' };

async function conversation(application: Pages = DIAL): Promise<{ ann: PhonePeer; ben: PhonePeer }> {
  const called = picksUp(await phone('+15550142', network.carrierPort));
  const ann = await caller(application);
  const ben = await called;
  await talk(ann, ben);
  return { ann, ben };
}

describe('a conversation', () => {
  test('goes on, both ways, and its caller can hang up', async () => {
    const both = await conversation();
    const killed = await restart();
    await hearEachOther(both.ann, both.ben);
    sayGap('a conversation', killed);
    await both.ann.call.hangUp();
    await both.ben.ended;
    expect(await ended()).toMatchObject([
      { ...COMPLETED, legs: [{ reason: 'completed' }, { reason: 'completed' }] },
    ]);
  });

  test('goes on after a second restart, and after its callee has hung up the caller hears what comes next', async () => {
    const both = await conversation();
    await restart();
    await hearEachOther(both.ann, both.ben);
    await restart();
    await hearEachOther(both.ann, both.ben);
    await both.ben.call.hangUp();
    await hears(both.ann, 620);
    await both.ann.call.hangUp();
    expect(await ended()).toMatchObject([COMPLETED]);
  });

  test('goes on while the main region is away as well, which hears of its end when it is back', async () => {
    const both = await conversation();
    await network.main.kill();
    await network.region.kill();
    // It runs, and has no link to wait for.
    const file = join(network.directory, 'ie1.yaml');
    network.region = await TandemProcess.start(['region', file], 'region runs');
    await hearEachOther(both.ann, both.ben);
    await both.ann.call.hangUp();
    await network.startMain();
    await both.ben.ended;
    const [only] = await ended();
    expect(only).toMatchObject({ state: 'ended', legs: [{ reason: 'completed' }, {}] });
  });

  test('still has its star key', async () => {
    const both = await conversation({
      ...DIAL,
      '/voice': DIAL['/voice'].replace('<Dial>', '<Dial hangupOnStar="true">'),
    });
    await restart();
    await hearEachOther(both.ann, both.ben);
    both.ann.audio.press('*');
    await both.ben.ended;
    await hears(both.ann, 620);
    await both.ann.call.hangUp();
    expect(await ended()).toMatchObject([COMPLETED]);
  });

  test('goes on at other ports where its own are taken', async () => {
    const both = await conversation();
    const allocated = (await network.journalEvents()).filter(
      ({ type, correlation }) => type === 'MediaAllocated' && !before.has(correlation),
    );
    const ports = allocated.map(({ data }) => (data as { port: number }).port);
    const others: Socket[] = [];
    await restart(async () => {
      for (const port of ports) {
        const socket = createSocket('udp4').bind({ port, address: '127.0.0.1', exclusive: true });
        await once(socket, 'listening');
        others.push(socket);
      }
    });
    await hearEachOther(both.ann, both.ben);
    for (const socket of others) socket.close();
    const refreshed = await network.happened(
      ({ type, correlation, data }) =>
        type === 'SessionRefreshed' &&
        !before.has(correlation) &&
        (data as { offer?: string }).offer !== undefined,
    );
    for (const port of ports)
      expect((refreshed.data as { offer: string }).offer).not.toContain(`m=audio ${port}`);
    await both.ben.call.hangUp();
    await hears(both.ann, 620);
    await both.ann.call.hangUp();
    expect(await ended()).toMatchObject([COMPLETED]);
  });

  test('is over for who hung up meanwhile', async () => {
    const { ann, ben } = await conversation();
    await restart(async () => {
      // Ben's telephone is switched off and on again: it knows of no call any more.
      await phones.shift()!.close();
      await phone('+15550142', network.carrierPort);
    });
    expect(ben.closed).toBe(false);
    await hears(ann, 620);
    await ann.call.hangUp();
    expect(await ended()).toMatchObject([
      { ...COMPLETED, legs: [{ reason: 'completed' }, { reason: 'completed' }] },
    ]);
  });
});

describe('a caller', () => {
  test('hears again what was said, from its beginning, and then what comes next', async () => {
    const ann = await caller({
      '/voice': '<Response><Play>/long.wav</Play><Play loop="0">/next.wav</Play></Response>',
      '/long.wav': { contentType: 'audio/wav', body: toneFile(620, 4) },
      '/next.wav': { contentType: 'audio/wav', body: toneFile(940, 2) },
    });
    await hears(ann, 620);
    const killed = await restart(() => ann.audio.forget());
    await hears(ann, 620);
    sayGap('what was said', killed);
    await hears(ann, 940);
    await ann.call.hangUp();
    expect(await ended()).toMatchObject([COMPLETED]);
  });

  test('presses keys that are gathered', async () => {
    const ann = await caller({
      '/voice':
        '<Response><Gather numDigits="2" timeout="60" action="/digits"><Play loop="0">/tone.wav</Play></Gather></Response>',
      '/tone.wav': { contentType: 'audio/wav', body: toneFile(620, 2) },
      '/digits': '<Response><Hangup/></Response>',
    });
    await hears(ann, 620);
    ann.audio.press('4');
    await network.happened(({ type, correlation }) => type === 'DigitReceived' && !before.has(correlation));
    await restart();
    // Her packets are heard again.
    await network.happened(
      ({ type, correlation }) => type === 'SessionRefreshed' && !before.has(correlation),
    );
    const heard = ann.audio.packets;
    await ann.audio.until(() => ann.audio.packets > heard + 10);
    ann.audio.press('2');
    await ann.ended;
    expect(network.application.requests.at(-1)!.params.Digits).toBe('42');
    expect(await ended()).toMatchObject([COMPLETED]);
  });

  test('goes on when a telephone was ringing, whose call is taken back', async () => {
    const ben = await phone('+15550142', network.carrierPort);
    const ringing = rings(ben);
    const ann = await caller(DIAL);
    const { call } = await ringing;
    const takenBack = new PhonePeer(call).ended;
    await network.happened(
      ({ type, correlation }) => type === 'ProgressReceived' && !before.has(correlation),
    );
    await restart();
    await takenBack;
    await hears(ann, 620);
    await ann.call.hangUp();
    expect(await ended()).toMatchObject([
      { ...COMPLETED, legs: [{ reason: 'completed' }, { reason: 'restarted' }] },
    ]);
  });

  test('goes on when a telephone is picked up meanwhile, which is hung up again', async () => {
    const ben = await phone('+15550142', network.carrierPort);
    const ringing = rings(ben);
    const ann = await caller(DIAL);
    const { call, answer } = await ringing;
    const hungUp = new PhonePeer(call).ended;
    await network.happened(
      ({ type, correlation }) => type === 'ProgressReceived' && !before.has(correlation),
    );
    await restart(answer);
    await hungUp;
    await hears(ann, 620);
    await ann.call.hangUp();
    expect(await ended()).toMatchObject([COMPLETED]);
  });
});

needProgram('sipp', 'apt-get install sip-tester')(
  'a carrier that knows no UPDATE is asked by a re-INVITE with the session that it has, and talks on',
  async () => {
    network.application.serve(
      pages({ ...DIAL, '/voice': '<Response><Play loop="0">/tone.wav</Play></Response>' }),
    );
    const carrier = await Sipp.start({
      scenario: scenario(
        ...called(),
        expectRequest('INVITE', { body: 'a=sendrecv' }),
        reply('200 OK', { body: sdp() }),
        expectRequest('ACK'),
        waitFor('bye'),
        ...hangsUp(),
      ),
      remote: network.sip,
      port: await freePort(),
      keys: { number: NUMBER },
    });
    try {
      await hears(carrier, 620);
      await restart(() => carrier.audio.forget());
      await hears(carrier, 620);
      await network.happened(
        ({ type, correlation }) => type === 'SessionRefreshed' && !before.has(correlation),
      );
      await carrier.go('bye');
      await carrier.finished();
      expect(await ended()).toMatchObject([COMPLETED]);
    } finally {
      await carrier.close();
    }
  },
);

/** Resolves when a provider that asks whether the region takes calls hears this status; rejects when it hears another. */
async function answersHealth(status: number): Promise<void> {
  const asker = await Sipp.start({
    scenario: scenario(asks.options(), expectAnswer(status)),
    remote: network.sip,
    port: await freePort(),
    keys: { number: NUMBER },
  });
  try {
    await asker.finished();
  } finally {
    await asker.close();
  }
}

describe('a region that is told to restart (SIGTERM)', () => {
  test('keeps its conversations and says no goodbye', async () => {
    const both = await conversation();
    const taken = network.region.log.length;
    expect(await network.region.stop('SIGTERM')).toBe(0);
    expect(network.region.log.slice(taken)).toContainEqual(
      expect.objectContaining({ msg: expect.stringMatching(/^calls are left/), legs: 2, unanswered: 0 }),
    );
    expect([both.ann.closed, both.ben.closed]).toEqual([false, false]);
    await network.startRegion();
    await hearEachOther(both.ann, both.ben);
    await both.ben.call.hangUp();
    await hears(both.ann, 620);
    await both.ann.call.hangUp();
    expect(await ended()).toMatchObject([COMPLETED]);
  });

  test('waits for a telephone that rings, and takes no other call meanwhile', async () => {
    await answersHealth(200);
    const ben = await phone('+15550142', network.carrierPort);
    const ringing = rings(ben);
    const ann = await caller(DIAL);
    const { call, answer } = await ringing;
    await network.happened(
      ({ type, correlation }) => type === 'ProgressReceived' && !before.has(correlation),
    );
    const stopping = network.region.stop('SIGTERM');
    await network.region.logged(({ msg }) => msg.startsWith('closing'));
    await answersHealth(503);
    const refused = await (await phone('+15550198')).call(`sip:${NUMBER}@${network.sip}`);
    const [end] = await once(refused, 'ended');
    expect(end).toMatchObject({ status: 503 });
    answer();
    expect(await stopping).toBe(0);
    await network.startRegion();
    const peer = new PhonePeer(call);
    await talk(ann, peer);
    await ann.call.hangUp();
    await peer.ended;
    expect(await ended()).toMatchObject([COMPLETED]);
  });

  test('hangs up when it is stopped for good (SIGINT)', async () => {
    const both = await conversation();
    expect(await network.region.stop('SIGINT')).toBe(0);
    await Promise.all([both.ann.ended, both.ben.ended]);
    await network.startRegion();
    const [only] = await ended();
    expect(only!.legs).toMatchObject([{ reason: 'restarted' }, { reason: 'restarted' }]);
  });
});

describe('a conversation whose gateway counts as lost before it is started again', () => {
  let usual: Network;
  beforeAll(async () => {
    usual = network;
    network = await Network.start({ application: pages({}), gatewayPatience: 1 });
  });
  afterAll(async () => {
    const statuses = await network.close();
    network = usual;
    expect(statuses).toEqual({ region: 0, main: 0 });
  });

  test('goes on', async () => {
    const both = await conversation();
    await restart(async () => {
      const isTold = async (): Promise<boolean> =>
        (await network.centralEvents()).some(
          ({ type, correlation }) => type === 'CallGatewayLost' && !before.has(correlation),
        );
      while (!(await isTold())) await setTimeout(100);
    });
    await hearEachOther(both.ann, both.ben);
    await both.ann.call.hangUp();
    await both.ben.ended;
    expect(await ended()).toMatchObject([COMPLETED]);
  });
});

/** At so many points of a call's history the region is killed. */
const POINTS = 10;

describe('a call from its first event to its last', () => {
  const GATHER_AND_DIAL = {
    '/voice': '<Response><Gather numDigits="1" action="/digits"/></Response>',
    '/digits': '<Response><Dial><Number>+15550142</Number></Dial></Response>',
  };
  let events = 0;

  /** A key, and a telephone that is picked up and hung up again. */
  const call = async (): Promise<{ ann: PhonePeer; ben: Promise<PhonePeer> }> => {
    network.application.serve(pages(GATHER_AND_DIAL));
    const ben = picksUp(await phone('+15550142', network.carrierPort));
    const ann = new PhonePeer(await (await phone('+15550199')).call(`sip:${NUMBER}@${network.sip}`));
    ann.audio.press('1');
    void ben.then(({ call: bens }) => bens.hangUp());
    return { ann, ben };
  };

  test('has so many events', async () => {
    const counted = await network.countEvents('region');
    await (await call()).ann.ended;
    await network.settled();
    events = (await network.countEvents('region')) - counted;
    expect(events).toBeGreaterThan(POINTS);
  });

  for (let point = 0; point < POINTS; point++)
    test(`is killed at point ${point + 1} of ${POINTS}: nothing is lost, and everyone is told or talks on`, async () => {
      const counted = await network.countEvents('region');
      const { ann, ben } = await call();
      let bens: PhonePeer | undefined;
      void ben.then((peer) => {
        bens = peer;
      });
      await network.holds('region', counted + Math.floor((point * events) / POINTS) + 1);
      await network.region.kill();
      const kept = await storedStreams(network);
      await network.startRegion();
      // The first may have been lost with the process.
      ann.audio.press('1');
      await ann.ended;
      await bens?.ended;
      const [only, ...others] = await ended();
      expectKept(kept.journal, (await storedStreams(network)).journal);
      expectKept(kept.central, (await storedStreams(network)).central);
      expect(others).toEqual([]);
      expect(only).toMatchObject({
        state: 'ended',
        reason: expect.stringMatching(/^(restarted|completed)$/),
      });
      for (const leg of only!.legs) expect(leg.reason).toMatch(/^(restarted|completed)$/);
    });
});

/** No event that was durable is lost or changed: what a stream held before is how it begins now. */
function expectKept(kept: StoredStreams, now: StoredStreams): void {
  for (const [stream, events] of kept)
    expect([stream, now.get(stream)?.slice(0, events.length)]).toEqual([stream, events]);
}
