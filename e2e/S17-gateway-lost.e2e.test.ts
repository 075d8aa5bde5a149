import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { SipPhone } from '@tandem/phones';
import { type Pages, pages } from './harness/application-server.ts';
import { hearEachOther, talk } from './harness/conversation.ts';
import { callSids, callsOf, type EndedCall, expectReplayed, historyOf } from './harness/history.ts';
import { Network, NUMBER } from './harness/network.ts';
import { callFrom, openPhone, type PhonePeer, picksUp } from './harness/phone-peer.ts';
import { hears, toneFile } from './harness/sound.ts';
import { udpPortsOf } from './harness/udp-ports.ts';

// S17, B2: a gateway dies in mid-call and does not come back. Another one of its region takes its legs, whose calls go
// on; when it is back after all, it lets them go.

let network: Network;
let phones: SipPhone[];
let before: ReadonlySet<string>;

/** Declares the network of a group of tests: how long its gateways may be away decides what happens in each of them. */
function withPatience(gatewayPatience: number): void {
  beforeAll(async () => {
    network = await Network.start({ application: pages({}), further: {}, gatewayPatience });
  });
  afterAll(async () => {
    expect(await network?.close()).toEqual({ region: 0, main: 0, further: 0 });
  });
}
/** Seconds: a gateway that is not there soon counts as lost; one that is started again never does. */
const SOON = 1;
const NEVER = 300;

beforeEach(async () => {
  phones = [];
  before = new Set(await callSids(network));
});
afterEach(async () => {
  for (const phone of phones) await phone.close();
  if (network.further!.exited) await network.startFurther();
  await network.gatewayIs('gw2', ({ healthy }) => healthy);
});

const phone = async (number: string, port?: number): Promise<SipPhone> => {
  const opened = await openPhone(number, port);
  phones.push(opened);
  return opened;
};

/** Calls by way of the further gateway. */
const caller = async (application: Pages): Promise<PhonePeer> => {
  network.application.serve(pages(application));
  return callFrom(await phone('+15550199'), `sip:${NUMBER}@${network.furtherSip}`);
};

const own = ({ correlation }: { correlation: string }) => correlation !== '' && !before.has(correlation);
const stored = async (type: string) =>
  (await network.centralEvents()).filter((event) => own(event) && event.type === type);
const happened = async (type: string, count = 1): Promise<void> => {
  while ((await stored(type)).length < count) await setTimeout(50);
};

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

async function conversation(): Promise<{ ann: PhonePeer; ben: PhonePeer }> {
  const called = picksUp(await phone('+15550142', network.carrierPort));
  const ann = await caller(DIAL);
  const ben = await called;
  await talk(ann, ben);
  return { ann, ben };
}

describe('a conversation', () => {
  withPatience(SOON);

  test('goes on in another gateway, and its caller can hang up', async () => {
    const both = await conversation();
    const killed = performance.now();
    await network.further!.kill();
    await hearEachOther(both.ann, both.ben);
    sayGap('a conversation', killed);
    expect(await stored('CallLegAdopterChosen')).toMatchObject(
      [1, 2].map(() => ({ data: { region: 'ie1', gateway: 'gw1', decision: { question: 'gateway' } } })),
    );
    await both.ann.call.hangUp();
    await both.ben.ended;
    expect(await ended()).toMatchObject([
      { ...COMPLETED, legs: [{ reason: 'completed' }, { reason: 'completed' }] },
    ]);
  });

  test('goes on there, after its callee has hung up the caller hears what comes next', async () => {
    const both = await conversation();
    await network.further!.kill();
    await hearEachOther(both.ann, both.ben);
    await both.ben.call.hangUp();
    await hears(both.ann, 620);
    await both.ann.call.hangUp();
    expect(await ended()).toMatchObject([COMPLETED]);
  });

  test('is left alone by its gateway when that is back', async () => {
    const both = await conversation();
    await network.further!.kill();
    await happened('LegAdopted', 2);
    await network.startFurther();
    await hearEachOther(both.ann, both.ben);
    await network.gatewayIs('gw2', ({ legs, healthy }) => healthy && legs === 0);
    expect(await udpPortsOf(network.further!.pid)).toEqual([network.furtherSipPort]);
    await hearEachOther(both.ann, both.ben);
    await both.ben.call.hangUp();
    await hears(both.ann, 620);
    await both.ann.call.hangUp();
    expect(await ended()).toMatchObject([COMPLETED]);
  });

  test('is left alone by a gateway that was only frozen and knows nothing of it', async () => {
    const both = await conversation();
    process.kill(network.further!.pid, 'SIGSTOP');
    try {
      await happened('LegAdopted', 2);
      await hearEachOther(both.ann, both.ben);
    } finally {
      process.kill(network.further!.pid, 'SIGCONT');
    }
    await network.gatewayIs('gw2', ({ legs, healthy }) => healthy && legs === 0);
    await hearEachOther(both.ann, both.ben);
    await both.ann.call.hangUp();
    await both.ben.ended;
    expect(await ended()).toMatchObject([
      { ...COMPLETED, legs: [{ reason: 'completed' }, { reason: 'completed' }] },
    ]);
  });
});

describe('a conversation whose gateway is away for a moment', () => {
  withPatience(NEVER);

  test('goes on where it is', async () => {
    const both = await conversation();
    await network.further!.kill();
    await network.startFurther();
    await hearEachOther(both.ann, both.ben);
    expect(await stored('LegAdopted')).toEqual([]);
    await both.ann.call.hangUp();
    await both.ben.ended;
    expect(await ended()).toMatchObject([COMPLETED]);
  });
});

describe('a caller', () => {
  withPatience(SOON);

  test('hears again what was said, and presses keys', async () => {
    const ann = await caller({
      '/voice':
        '<Response><Gather numDigits="2" timeout="60" action="/digits"><Play loop="0">/tone.wav</Play></Gather></Response>',
      '/tone.wav': { contentType: 'audio/wav', body: toneFile(620, 2) },
      '/digits': '<Response><Hangup/></Response>',
    });
    await hears(ann, 620);
    ann.audio.press('4');
    await happened('CallDigitPressed');
    const killed = performance.now();
    await network.further!.kill();
    await happened('CallLegMoved');
    await happened('SessionRefreshed');
    // Her packets go where the leg is now, and come in there.
    const heard = ann.audio.packets;
    await ann.audio.until(() => ann.audio.packets > heard + 10);
    sayGap('a caller', killed);
    ann.audio.press('2');
    await ann.ended;
    expect(network.application.requests.at(-1)!.params.Digits).toBe('42');
    expect(await ended()).toMatchObject([COMPLETED]);
  });
});
