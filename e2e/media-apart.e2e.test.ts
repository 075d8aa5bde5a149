import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { SipPhone } from '@tandem/phones';
import { type Pages, pages } from './harness/application-server.ts';
import { hearEachOther, talk } from './harness/conversation.ts';
import { callSids, callsOf, type EndedCall, expectReplayed, historyOf } from './harness/history.ts';
import { Network, NUMBER } from './harness/network.ts';
import { callFrom, openPhone, type PhonePeer, picksUp } from './harness/phone-peer.ts';
import { hears, hearsSpeech, toneFile } from './harness/sound.ts';
import { udpPortsOf } from './harness/udp-ports.ts';

// G2: signalling and media of a gateway run apart, as two processes, of which either may be killed.

let network: Network;
let phones: SipPhone[];
let before: ReadonlySet<string>;
beforeAll(async () => {
  network = await Network.start({ application: pages({}), mediaApart: true });
}, 60_000);
afterAll(async () => {
  expect(await network?.close()).toEqual({ region: 0, main: 0, media: 0 });
}, 60_000);
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

/** The calls of the test, which have all ended, in stores that agree; signalling has no media port, media none left. */
async function ended(): Promise<EndedCall[]> {
  try {
    const calls = (await callsOf(network)).filter(({ sid }) => !before.has(sid));
    await expectReplayed(network);
    expect(await udpPortsOf(network.region.pid)).toEqual([network.sipPort]);
    expect(await udpPortsOf(network.media!.pid)).toEqual([]);
    return calls;
  } catch (error) {
    const problems = [...network.region.problems, ...network.media!.problems];
    console.error(await historyOf(network, (sid) => !before.has(sid)), problems);
    throw error;
  }
}

const TONE = { '/tone.wav': { contentType: 'audio/wav', body: toneFile(620, 2) } };
const DIAL = {
  ...TONE,
  '/voice': '<Response><Dial><Number>+15550142</Number></Dial><Play loop="0">/tone.wav</Play></Response>',
};
const COMPLETED = { state: 'ended', reason: 'completed' };

async function conversation(): Promise<{ ann: PhonePeer; ben: PhonePeer }> {
  const called = picksUp(await phone('+15550142', network.carrierPort));
  const ann = await caller(DIAL);
  const ben = await called;
  await talk(ann, ben);
  return { ann, ben };
}

test('a caller hears speech and a file, presses keys, is put through, and hears what comes next', async () => {
  const called = picksUp(await phone('+15550142', network.carrierPort));
  const ann = await caller({
    ...DIAL,
    '/voice':
      '<Response><Gather numDigits="2" timeout="60" action="/digits"><Say>Press two keys, please. Take your time.</Say><Play loop="0">/tone.wav</Play></Gather></Response>',
    '/digits': DIAL['/voice'],
  });
  await hearsSpeech(ann);
  await hears(ann, 620);
  ann.audio.press('4');
  ann.audio.press('2');
  const ben = await called;
  expect(network.application.requests.some(({ params }) => params.Digits === '42')).toBe(true);
  await talk(ann, ben);
  await ben.call.hangUp();
  await hears(ann, 620);
  await ann.call.hangUp();
  expect(await ended()).toMatchObject([COMPLETED]);
});

test('people go on talking while signalling is killed, and when it is started again', async () => {
  const both = await conversation();
  await network.region.kill();
  // Nobody signals now.
  await hearEachOther(both.ann, both.ben);
  await network.startRegion();
  await hearEachOther(both.ann, both.ben);
  await both.ben.call.hangUp();
  await hears(both.ann, 620);
  await both.ann.call.hangUp();
  expect(await ended()).toMatchObject([COMPLETED]);
});

test('what ended while signalling was away is given back by media', async () => {
  const { ann, ben } = await conversation();
  await network.region.kill();
  await phones.shift()!.close();
  await phone('+15550142', network.carrierPort);
  await network.startRegion();
  await hears(ann, 620);
  await ann.call.hangUp();
  expect(ben.closed).toBe(false);
  expect(await ended()).toMatchObject([COMPLETED]);
});

test('when media is killed signalling ends with it, and both go on when they are started again', async () => {
  const both = await conversation();
  await network.media!.kill();
  await network.startMedia();
  await network.region.logged(({ msg }) => msg.startsWith('ends, to take its calls up with new media'));
  await network.startRegion();
  await hearEachOther(both.ann, both.ben);
  await both.ann.call.hangUp();
  await both.ben.ended;
  expect(await ended()).toMatchObject([COMPLETED]);
});
