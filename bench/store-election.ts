import { setTimeout as pause } from 'node:timers/promises';
import { openKurrentEventStore } from '@tandem/actors/stores/kurrent';
import { testEvents } from '@tandem/actors/stores/testing/events.ts';
import { startKurrentTestCluster } from '@tandem/actors/stores/testing/kurrent-test-server.ts';
import type { Figure, Measurement } from './figure.ts';
import { nearest } from './statistics.ts';

/** How often the leader is lost, and for how long there is none then, in ms. */
const ELECTIONS = 20;
const LEADERLESS = 1500;
/** Streams that are appended to all the time. */
const STREAMS = 10;
/** What appends may take after an election, in ms. */
const LIMIT = 300;

/** Counts appends of a stream after the other, for as long as it is not aborted. */
async function appendOn(
  append: () => Promise<unknown>,
  appended: () => void,
  over: AbortSignal,
): Promise<void> {
  while (!over.aborted) {
    await append();
    appended();
    await pause(10);
  }
}

export const storeElection: Measurement = {
  name: 'store-election',
  about: 'how long after an election of three nodes appends go on that waited for it',
  async measure(say): Promise<Figure[]> {
    const cluster = await startKurrentTestCluster();
    const store = openKurrentEventStore({ connectionString: cluster.connectionString, timeout: 60_000 });
    const over = new AbortController();
    const lastAppends = new Map<string, number>();
    const streams = Array.from({ length: STREAMS }, (_, index) => `stream-${index}`);
    const appending = streams.map((stream) =>
      appendOn(
        () => store.append(stream, 'any', testEvents(1)),
        () => lastAppends.set(stream, performance.now()),
        over.signal,
      ),
    );
    const times: number[] = [];
    try {
      for (let election = 0; election < ELECTIONS; election++) {
        await pause(500);
        cluster.loseLeader(election % 2 === 0 ? 'silent' : 'not-ready');
        await pause(LEADERLESS);
        await cluster.elect();
        const elected = performance.now();
        while (streams.some((stream) => (lastAppends.get(stream) ?? 0) < elected)) await pause(1);
        times.push(performance.now() - elected);
        say(`election ${election + 1} of ${ELECTIONS}: ${Math.round(times.at(-1)!)} ms`);
      }
    } finally {
      over.abort();
      await Promise.allSettled(appending);
      await store.close();
      cluster.close();
    }
    return [
      { name: 'all streams go on, p50', unit: 'ms', value: nearest(times, 0.5), aim: { atMost: LIMIT } },
      { name: 'all streams go on, the longest', unit: 'ms', value: Math.max(...times) },
    ];
  },
};
