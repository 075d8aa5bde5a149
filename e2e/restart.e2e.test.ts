import { afterAll, afterEach, beforeAll, describe, expect } from '@jest/globals';
import { freePort } from '@tandem/actors/testing/free-port.ts';
import { needProgram } from '@tandem/actors/testing/need-program.ts';
import { pages } from './harness/application-server.ts';
import { callsOf, expectReplayed, historyOf, type StoredStreams, storedStreams } from './harness/history.ts';
import { Network, NUMBER } from './harness/network.ts';
import { CALLEE_HANGS_UP, CARRIER } from './harness/peers.ts';
import { Sipp } from './harness/sipp.ts';
import { hears, sine, toneFile } from './harness/sound.ts';

// A call router is killed at points all through a call: the call goes on, at the same router when it is started
// again, or at another one. What becomes of calls when the region is killed is in region-restart.e2e.test.ts.

const test = needProgram('sipp', 'apt-get install sip-tester');

/** At so many points of a call's history the router is killed. */
const POINTS = 10;
/** What the application plays, and what the called party says. */
const [PROMPT, VOICE] = [620, 850];

const application = pages({
  '/tone.wav': { contentType: 'audio/wav', body: toneFile(PROMPT, 20) },
  '/voice': '<Response><Gather numDigits="1" action="/digits"><Play>/tone.wav</Play></Gather></Response>',
  '/digits': '<Response><Dial><Number>+15550142</Number></Dial></Response>',
});

const peers: Sipp[] = [];
afterEach(async () => {
  for (const peer of peers.splice(0)) await peer.close();
});

/**
 * A call from its first event to its last: a tone that is heard, a key, a dialled phone that is heard and hangs up.
 * Resolves when both have seen all of it.
 */
async function call(network: Network): Promise<void> {
  const callee = await Sipp.start({ scenario: CALLEE_HANGS_UP, port: network.carrierPort });
  const carrier = await Sipp.start({
    scenario: CARRIER,
    remote: network.sip,
    port: await freePort(),
    keys: { number: NUMBER },
  });
  peers.push(callee, carrier);
  callee.audio.say(sine(VOICE, 300));
  const finished = Promise.all([carrier.finished(), callee.finished()]);
  const listens = async (): Promise<void> => {
    await hears(carrier, PROMPT);
    carrier.audio.press('1');
    await callee.received(/^ACK/m);
    await hears(carrier, VOICE);
    await callee.go('bye');
  };
  await Promise.all([finished, listens()]);
}

/** No event that was durable is lost or changed: what a stream held before is how it begins now. */
function expectKept(before: StoredStreams, after: StoredStreams): void {
  for (const [stream, events] of before)
    expect([stream, after.get(stream)?.slice(0, events.length)]).toEqual([stream, events]);
}

/** The router that the region chose for its newest call. */
async function routerOfNewest(network: Network): Promise<'main' | 'second'> {
  const offers = (await network.journalEvents()).filter(({ type }) => type === 'LegOffered');
  return (offers.at(-1)!.data as { router: string }).router === 'us1/r1' ? 'main' : 'second';
}

interface Variant {
  readonly secondRouter: boolean;
  /** Ends the router that has the newest call; what is returned starts it again, where the call goes on without it. */
  killRouter(network: Network): Promise<() => Promise<void>>;
}

const VARIANTS: Record<string, Variant> = {
  'is started again': {
    secondRouter: false,
    async killRouter(network) {
      await network.main.kill();
      await network.startMain();
      return async () => {};
    },
  },
  'leaves its calls to another': {
    secondRouter: true,
    async killRouter(network) {
      const victim = await routerOfNewest(network);
      await network[victim]!.kill();
      return () => (victim === 'main' ? network.startMain() : network.startSecond());
    },
  },
  'is stopped in order, and leaves its calls to another': {
    secondRouter: true,
    async killRouter(network) {
      const victim = await routerOfNewest(network);
      expect(await network[victim]!.stop()).toBe(0);
      return () => (victim === 'main' ? network.startMain() : network.startSecond());
    },
  },
};

describe.each(Object.entries(VARIANTS))('a router that %s', (_name, { secondRouter, killRouter }) => {
  let network: Network;
  let events = 0;
  beforeAll(async () => {
    network = await Network.start({ application, secondRouter });
  });
  afterAll(async () => {
    const statuses = await network?.close();
    for (const status of Object.values(statuses ?? {})) expect(status).toBe(0);
  });

  test('a call learns how many events there are', async () => {
    const before = await network.countEvents('main');
    await call(network);
    await network.settled();
    events = (await network.countEvents('main')) - before;
    expect(events).toBeGreaterThan(POINTS);
  });

  for (let point = 0; point < POINTS; point++)
    test(`point ${point + 1} of ${POINTS}: the call goes on as if nothing had been`, async () => {
      const index = Math.floor((point * events) / POINTS);
      const known = new Set((await callsOf(network)).map(({ sid }) => sid));
      const before = await network.countEvents('main');
      network.application.serve(application);
      const over = call(network);
      await network.holds('main', before + index + 1);
      const kept = await storedStreams(network);
      try {
        const startAgain = await killRouter(network);
        await over;
        await startAgain();
        await network.settled();
        expectKept(kept.journal, (await storedStreams(network)).journal);
        expectKept(kept.central, (await storedStreams(network)).central);
        await expectReplayed(network);
        const cut = (await callsOf(network)).filter(({ sid }) => !known.has(sid));
        expect(cut).toMatchObject([
          {
            state: 'ended',
            reason: 'completed',
            legs: [{ reason: 'completed' }, { reason: 'completed' }],
          },
        ]);
        // It is asked at most once more for what was under way.
        const asked = network.application.requests.map(({ path }) => path);
        expect(asked.filter((path) => path === '/voice').length).toBeLessThanOrEqual(2);
        expect(asked.filter((path) => path === '/digits').length).toBeLessThanOrEqual(2);
        expect(asked.filter((path) => path !== '/tone.wav').length).toBeLessThanOrEqual(3);
      } catch (error) {
        console.error(await historyOf(network, (sid) => !known.has(sid)));
        throw error;
      }
    });
});
