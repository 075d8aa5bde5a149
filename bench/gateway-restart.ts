import { pages } from '@tandem/e2e/harness/application-server.ts';
import { Network, UNLIMITED } from '@tandem/e2e/harness/network.ts';
import type { PhonePeer } from '@tandem/e2e/harness/phone-peer.ts';
import type { SipPhone } from '@tandem/phones';
import { conversations, heardAgain } from './conversations.ts';
import type { Figure, Measurement } from './figure.ts';
import { nearest } from './statistics.ts';

/** Conversations that are up when the region is killed, and how often it is. */
const SIZES = [
  { conversations: 1, rounds: 7 },
  { conversations: 20, rounds: 3 },
];

const DIAL = pages({ '/voice': '<Response><Dial><Number>+15550142</Number></Dial></Response>' });

interface Restart {
  /** Milliseconds from the kill until the first and the last telephone heard the other. */
  readonly first: number;
  readonly last: number;
  /** Milliseconds from the kill until the process said that it runs. */
  readonly runs: number;
}

async function restart(network: Network, peers: readonly PhonePeer[]): Promise<Restart> {
  await heardAgain(peers);
  const killed = performance.now();
  await network.region.kill();
  const heard = heardAgain(peers);
  await network.startRegion();
  const runs = performance.now() - killed;
  const times = (await heard).map((at) => at - killed);
  return { first: Math.min(...times), last: Math.max(...times), runs };
}

async function measureSize(
  { conversations: count, rounds }: (typeof SIZES)[number],
  say: (line: string) => void,
): Promise<Figure[]> {
  const network = await Network.start({
    account: UNLIMITED,
    application: DIAL,
    ports: 2 * count + 2,
  });
  const phones: SipPhone[] = [];
  try {
    const peers = await conversations(network, network.sip, phones, count);
    const restarts: Restart[] = [];
    for (let round = 0; round < rounds; round++) {
      const one = await restart(network, peers);
      restarts.push(one);
      say(
        `${count} conversations: runs after ${Math.round(one.runs)} ms, heard after ${Math.round(one.first)} to ${Math.round(one.last)} ms`,
      );
    }
    const lost = peers.filter(({ closed }) => closed).length;
    if (lost > 0) throw new Error(`${lost} telephones were hung up`);
    const figure = (name: string, of: (one: Restart) => number): Figure => ({
      name: `${name}, ${count} conversations`,
      unit: 'ms',
      value: nearest(restarts.map(of), 0.5),
    });
    return [
      figure('killed until the first hears again', ({ first }) => first),
      figure('killed until all hear again', ({ last }) => last),
    ];
  } finally {
    for (const phone of phones) await phone.close();
    await network.close();
  }
}

/** How long parties hear nothing when their gateway's process is killed and started again at once. */
export const gatewayRestart: Measurement = {
  name: 'gateway-restart',
  about: 'from SIGKILL of a region’s process until those who talk hear each other again',
  measure: async (say) => {
    const figures: Figure[] = [];
    for (const size of SIZES) figures.push(...(await measureSize(size, say)));
    return figures;
  },
};
