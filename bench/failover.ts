import type { RecordedEvent } from '@tandem/actors/stores/event-store';
import { pages } from '@tandem/e2e/harness/application-server.ts';
import { Network, UNLIMITED } from '@tandem/e2e/harness/network.ts';
import type { SipPhone } from '@tandem/phones';
import { conversations, heardAgain } from './conversations.ts';
import type { Figure, Measurement } from './figure.ts';
import { awaitCalls, holdCalls, needSipp } from './sipp.ts';
import { nearest } from './statistics.ts';
import { inTemporaryDirectory } from './temporary.ts';

/** Calls that talk when their router dies; about half of them are its own. */
const CALLS = 100;
const RATE = 10;
/** Milliseconds that called parties talk: longer than all of it takes. */
const TALK = 600_000;
const DOCUMENT = '<Response><Dial answerOnBridge="true"><Number>+15550142</Number></Dial></Response>';

/** How long after `since` each call that was taken over had that in the store, and heard of its first event after it. */
function pickedUp(events: readonly RecordedEvent[], since: number): { taken: number[]; commanded: number[] } {
  const takeovers = events.filter(({ type }) => type === 'CallTakenOver');
  const byCause = Map.groupBy(events, ({ cause }) => cause);
  const first = takeovers.map(({ id, time }) =>
    Math.min(...(byCause.get(id) ?? []).map((event) => event.time), time + 60_000),
  );
  return {
    taken: takeovers.map(({ time }) => time - since),
    commanded: first.map((time) => time - since),
  };
}

const percentiles = (name: string, values: readonly number[]): Figure[] =>
  [0.5, 0.99].map((share) => ({
    name: `${name}, p${share * 100}`,
    unit: 'ms',
    value: nearest(values, share),
  }));

/** Ends one of two routers while calls talk; resolves when the other has all of them. */
async function endRouter(
  directory: string,
  how: 'kill' | 'stop',
  say: (line: string) => void,
): Promise<{ taken: number[]; commanded: number[] }> {
  process.env.TANDEM_LOG = 'info';
  const network = await Network.start({
    account: UNLIMITED,
    application: () => DOCUMENT,
    secondRouter: true,
    capacity: 4 * CALLS,
    ports: 4 * CALLS,
  });
  const callees = await awaitCalls(directory, network.carrierPort, TALK);
  const callers = await holdCalls(directory, network.sip, RATE, CALLS);
  try {
    const bridged = async () =>
      (await network.centralEvents()).filter(({ type }) => type === 'BridgeRequested').length;
    while ((await bridged()) < 2 * CALLS) await new Promise((resolve) => setTimeout(resolve, 200));
    const own = (await network.centralEvents()).filter(
      ({ type, data }) => type === 'CallReceived' && (data as { router: string }).router === 'us1/r1',
    ).length;
    say(`${how}: ${own} of ${CALLS} calls are at the router that ends`);
    const since = Date.now();
    await (how === 'kill' ? network.main.kill() : network.main.stop());
    for (;;) {
      const events = await network.centralEvents();
      const found = pickedUp(events, since);
      if (found.taken.length >= own) {
        // What the new router commands is stored a moment after the takeover.
        await new Promise((resolve) => setTimeout(resolve, 1000));
        return pickedUp(await network.centralEvents(), since);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } finally {
    await callers.stop();
    for (const one of [network.region, network.second, network.main, network.store]) await one?.kill();
    await callees.stop();
    await network.close();
  }
}

/** Conversations that are up when their gateway dies, and how long that may be away before it counts as lost. */
const CONVERSATIONS = 20;
const PATIENCE = 1;

/** Kills a further gateway of a region; milliseconds until another has each leg, and until each telephone hears again. */
async function loseGateway(): Promise<{ taken: number[]; heard: number[] }> {
  const network = await Network.start({
    account: UNLIMITED,
    application: pages({ '/voice': '<Response><Dial><Number>+15550142</Number></Dial></Response>' }),
    further: {},
    gatewayPatience: PATIENCE,
    ports: 2 * CONVERSATIONS + 2,
  });
  const phones: SipPhone[] = [];
  try {
    const peers = await conversations(network, network.furtherSip, phones, CONVERSATIONS);
    const [since, killed] = [Date.now(), performance.now()];
    await network.further!.kill();
    const heard = (await heardAgain(peers)).map((at) => at - killed);
    const moved = (await network.centralEvents()).filter(({ type }) => type === 'CallLegMoved');
    return { taken: moved.map(({ time }) => time - since), heard };
  } finally {
    for (const phone of phones) await phone.close();
    await network.close();
  }
}

export const failover: Measurement = {
  name: 'failover',
  about: 'how long calls are without a router, and legs without a gateway, when theirs is killed or stopped',
  async measure(say) {
    needSipp();
    const figures: Figure[] = [];
    for (const how of ['kill', 'stop'] as const) {
      const found = await inTemporaryDirectory((directory) => endRouter(directory, how, say));
      const what = how === 'kill' ? 'router killed' : 'router stopped in order';
      figures.push(
        { name: `${what}: its calls, all of which go on`, unit: 'calls', value: found.taken.length },
        ...percentiles(`${what}, until another has the call`, found.taken),
        ...percentiles(`${what}, until a leg has the new router's first command`, found.commanded),
      );
    }
    say(`kill: a gateway of ${CONVERSATIONS} conversations, lost after ${PATIENCE} s`);
    const { taken, heard } = await loseGateway();
    figures.push(
      { name: 'gateway killed: its legs, all of which go on', unit: 'legs', value: taken.length },
      ...percentiles('gateway killed, until another has the leg', taken),
      ...percentiles('gateway killed, until the telephone hears again', heard),
    );
    return figures;
  },
};
