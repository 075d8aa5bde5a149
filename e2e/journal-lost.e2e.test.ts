import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { SipPhone } from '@tandem/phones';
import { pages } from './harness/application-server.ts';
import { hearEachOther, talk } from './harness/conversation.ts';
import { callSids } from './harness/history.ts';
import { Network, NUMBER } from './harness/network.ts';
import { callFrom, openPhone, type PhonePeer, picksUp } from './harness/phone-peer.ts';

// A gateway's disk is lost, or an older copy takes its place: it goes on under its name, and no call hangs.

const DIAL = { '/voice': '<Response><Dial><Number>+15550142</Number></Dial></Response>' };

let network: Network;
let phones: SipPhone[];
let before: ReadonlySet<string>;
beforeAll(async () => {
  network = await Network.start({ application: pages(DIAL) });
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

const data = (): string => join(network.directory, 'ie1');

const phone = async (number: string, port?: number): Promise<SipPhone> => {
  const opened = await openPhone(number, port);
  phones.push(opened);
  return opened;
};

async function conversation(): Promise<{ ann: PhonePeer; ben: PhonePeer }> {
  const called = picksUp(await phone('+15550142', network.carrierPort));
  const ann = await callFrom(await phone('+15550199'), `sip:${NUMBER}@${network.sip}`);
  const ben = await called;
  await talk(ann, ben, 90);
  return { ann, ben };
}

/** Resolves when the main region has so many calls of the test that have ended, and no others. */
async function allEnded(count: number): Promise<void> {
  for (;;) {
    const events = await network.centralEvents();
    const ended = new Set(events.filter(({ type }) => type.endsWith('Ended')).map(({ stream }) => stream));
    const begun = new Set(events.filter(({ correlation }) => correlation !== '').map(({ stream }) => stream));
    const calls = [...ended].filter((stream) => /^call-/.test(stream) && !before.has(stream.slice(5)));
    if (calls.length === count && [...begun].every((stream) => ended.has(stream))) return;
    await setTimeout(50);
  }
}

/** How the history of the gateway says that its journal is another one. */
const replaced = async (): Promise<string[]> =>
  (await network.centralEvents()).flatMap(({ type, stream }) => (type === 'JournalReplaced' ? [stream] : []));

/** A call comes and goes as if nothing had been. */
async function worksAgain(): Promise<void> {
  for (const one of phones.splice(0)) await one.close();
  const { ann, ben } = await conversation();
  await hearEachOther(ann, ben);
  await ann.call.hangUp();
  await ben.ended;
}

test('a gateway whose disk was lost goes on, and the calls that it had end', async () => {
  await conversation();
  await network.region.kill();
  await rm(data(), { recursive: true });
  await network.startRegion();
  await allEnded(1);
  expect(await replaced()).toEqual(expect.arrayContaining(['gateway-ie1-gw1', 'region-ie1']));
  await worksAgain();
  await allEnded(2);
  expect(network.region.log.filter(({ msg }) => msg.startsWith('link: refused'))).toEqual([]);
});

test('a gateway with a journal from a backup goes on, and so does what the backup does not know', async () => {
  const known = await conversation();
  await network.region.kill();
  await cp(data(), `${data()}-backup`, { recursive: true });
  await network.startRegion();
  await hearEachOther(known.ann, known.ben);
  await known.ann.call.hangUp();
  await known.ben.ended;
  await allEnded(1);
  for (const one of phones.splice(0)) await one.close();
  await conversation();

  await network.region.kill();
  // How far the journal was shipped is as new as it was.
  const checkpoints = join(data(), 'checkpoints.db');
  for (const ending of ['', '-wal', '-shm'])
    await cp(`${checkpoints}${ending}`, `${data()}-backup/checkpoints.db${ending}`).catch(() => {});
  await rm(data(), { recursive: true });
  await cp(`${data()}-backup`, data(), { recursive: true });
  await network.startRegion();
  await allEnded(2);
  await worksAgain();
  await allEnded(3);
  expect(network.region.log.filter(({ msg }) => msg.startsWith('link: refused'))).toEqual([]);
});
