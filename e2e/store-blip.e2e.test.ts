import { setTimeout } from 'node:timers/promises';
import { describe, expect } from '@jest/globals';
import {
  type KurrentTestCluster,
  startKurrentTestCluster,
} from '@tandem/actors/stores/testing/kurrent-test-server.ts';
import { UNLIMITED } from './harness/network.ts';
import { CARRIER, carrierRefused } from './harness/peers.ts';
import { toneFile } from './harness/sound.ts';
import { scenarios } from './harness/stage.ts';

// The store is a cluster, whose leader dies, or which is away as a whole. Who calls meanwhile waits, and is told nothing.

let cluster: KurrentTestCluster;
const store = async () => {
  cluster = await startKurrentTestCluster();
  return { url: cluster.connectionString, close: async () => cluster.close() };
};

const TONE = {
  '/tone.wav': { contentType: 'audio/wav', body: toneFile(620, 0.5) },
  '/voice': '<Response><Play>/tone.wav</Play></Response>',
};
/** That the store is away is an error for who operates it. */
const AWAY = /the event store is away/;

describe('calls at ten a second', () => {
  // How long the machine takes to go on is not to be what refuses a call: the patience is the most there is.
  const blip = scenarios({ store, ports: 300, account: UNLIMITED, offerPatience: 30 });

  blip('ten calls a second do not notice a cluster that is away for seconds', TONE, async (stage) => {
    stage.expectError(AWAY);
    const { network } = stage;
    const carrier = await stage.carrier(CARRIER, { calls: 600, rate: 10 });
    for (const [how, leaderless] of [
      ['silent', 700],
      ['not-ready', 1600],
      ['silent', 1300],
      ['not-ready', 1000],
    ] as const) {
      await setTimeout(4000);
      cluster.loseLeader(how);
      await setTimeout(leaderless);
      await cluster.elect();
    }
    for (const seconds of [1, 2, 3]) {
      await setTimeout(5000);
      cluster.leave();
      await setTimeout(seconds * 1000);
      await cluster.comeBack();
    }
    await carrier.finished();
    await network.settled();
    const ids = (await network.centralEvents()).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const ended = (await stage.calls()).map(({ state, reason }) => `${state} ${reason}`);
    expect(ended).toHaveLength(600);
    expect(new Set(ended)).toEqual(new Set(['ended completed']));
    const times = (text: string) => network.main.log.filter(({ msg }) => String(msg).includes(text)).length;
    expect(times('the event store is away')).toBe(times('the event store is back'));
    expect(times('the event store is away')).toBeGreaterThan(0);
  });
});

describe('calls in a long absence', () => {
  const away = scenarios({ store, account: UNLIMITED, offerPatience: 4 });

  away('a store that is away for long: calls are refused after the patience', TONE, async (stage) => {
    stage.expectError(AWAY);
    const { network } = stage;
    await (await stage.carrier(CARRIER)).finished();
    cluster.leave();
    // It is on its way before anybody knows that the store is away, and goes on when that is back.
    const first = await stage.carrier(CARRIER);
    await network.main.logged(({ msg }) => AWAY.test(String(msg)));
    const began = performance.now();
    const second = await stage.carrier(carrierRefused(503));
    await second.finished();
    // It has waited: a slow machine makes that longer, and never shorter.
    expect(performance.now() - began).toBeGreaterThan(3900);
    expect(await second.hasReceived(/^SIP\/2\.0 503[\s\S]*^Retry-After: \d+/m)).toBe(true);
    const third = await stage.carrier(CARRIER);
    await third.received(/^SIP\/2\.0 100 /m);
    const back = performance.now();
    await cluster.comeBack();
    await third.received(/^SIP\/2\.0 200 /m);
    console.info(
      `${Math.round(performance.now() - back)} ms from the store's return to the answer of a call that waited`,
    );
    await Promise.all([first.finished(), third.finished()]);
  });
});
