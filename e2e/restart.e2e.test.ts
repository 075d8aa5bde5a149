import { afterAll, afterEach, beforeAll, describe, expect } from '@jest/globals';
import { needProgram } from '@tandem/actors/testing/need-program.ts';
import { pages } from './harness/application-server.ts';
import { freePort } from './harness/free-port.ts';
import { callsOf, expectReplayed, historyOf, type StoredStreams, storedStreams } from './harness/history.ts';
import { Network, NUMBER } from './harness/network.ts';
import { CALLEE_HANGS_UP, CARRIER } from './harness/peers.ts';
import { Sipp } from './harness/sipp.ts';

const test = needProgram('sipp', 'apt-get install sip-tester');

/** At so many points of a call's history each process is killed. */
const POINTS = 10;

let network: Network;
beforeAll(async () => {
  network = await Network.start({
    application: pages({
      '/voice': '<Response><Gather numDigits="1" action="/digits"/></Response>',
      '/digits': '<Response><Dial><Number>+15550142</Number></Dial></Response>',
    }),
  });
});
afterAll(async () => {
  expect(await network?.close()).toEqual({ region: 0, main: 0 });
});

const peers: Sipp[] = [];
afterEach(async () => {
  for (const peer of peers.splice(0)) await peer.close();
});

/** A call from its first event to its last: a key, a dialled phone that hangs up. */
async function call(): Promise<{ carrier: Sipp; callee: Sipp; over: () => Promise<void> }> {
  const callee = await Sipp.start({ scenario: CALLEE_HANGS_UP, port: network.carrierPort });
  const carrier = await Sipp.start({
    scenario: CARRIER,
    remote: network.sip,
    port: await freePort(),
    keys: { number: NUMBER },
  });
  peers.push(callee, carrier);
  carrier.audio.press('1');
  // It hangs up as soon as it has been answered.
  void callee.received(/^ACK/m).then(() => (callee.closed ? undefined : callee.go('bye')));
  return {
    carrier,
    callee,
    over: async () => void (await Promise.all([carrier.finished(), callee.finished()])),
  };
}

/** What a peer that did not expect it says when it was told that the call is over. */
const WAS_TOLD = /unexpected (BYE|CANCEL)|received 'SIP\/2.0 (4|5)\d\d/;

/** The peer was told that the call is over, in whatever state it was. */
async function wasTold(peer: Sipp): Promise<void> {
  await peer.finished().catch((error: Error) => expect(error.message).toMatch(WAS_TOLD));
}

/** No event that was durable is lost or changed: what a stream held before is how it begins now. */
function expectKept(before: StoredStreams, after: StoredStreams): void {
  for (const [stream, events] of before)
    expect([stream, after.get(stream)?.slice(0, events.length)]).toEqual([stream, events]);
}

// What becomes of calls when the region is killed is in region-restart.e2e.test.ts.
describe.each(['main'] as const)('the %s process is killed', (process) => {
  let events = 0;

  test('a call learns how many events there are', async () => {
    const before = await network.countEvents(process);
    await (await call()).over();
    await network.settled();
    events = (await network.countEvents(process)) - before;
    expect(events).toBeGreaterThan(POINTS);
  });

  for (let point = 0; point < POINTS; point++)
    test(`point ${point + 1} of ${POINTS}: nothing is lost, everyone is told, the next call works`, async () => {
      const index = Math.floor((point * events) / POINTS);
      const known = new Set((await callsOf(network)).map(({ sid }) => sid));
      const before = await network.countEvents(process);
      const { carrier, callee } = await call();
      await network.holds(process, before + index + 1);
      await network[process].kill();

      const kept = await storedStreams(network);
      await network.startMain();
      await network.settled();
      try {
        expectKept(kept.journal, (await storedStreams(network)).journal);
        expectKept(kept.central, (await storedStreams(network)).central);
        await expectReplayed(network);
        const cut = (await callsOf(network)).filter(({ sid }) => !known.has(sid));
        expect(cut).toHaveLength(1);
        expect(cut[0]).toMatchObject({
          state: 'ended',
          reason: expect.stringMatching(/^(restarted|completed)$/),
        });
        for (const leg of cut[0]!.legs)
          expect(leg.reason).toMatch(/^(restarted|completed|cancelled|failed)$/);
        await wasTold(carrier);
        if (await callee.hasReceived(/^INVITE/m)) await wasTold(callee);
      } catch (error) {
        console.error(await historyOf(network, (sid) => !known.has(sid)));
        throw error;
      }
    });

  test('calls work afterwards', async () => {
    await (await call()).over();
    const last = (await callsOf(network)).at(-1);
    expect(last).toMatchObject({ state: 'ended', reason: 'completed' });
  });
});
