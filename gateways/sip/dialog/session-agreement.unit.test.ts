import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { serializeMessage } from '../message/serialize-message.ts';
import { MemoryNetwork } from '../testing/memory-network.ts';
import { answerSdp, offerSdp } from '../testing/raw-peer.ts';
import { eventsOf } from '../testing/session-events.ts';
import { createUserAgent } from '../user-agent.ts';
import type { ClientSession, DialogSession, ServerSession, UserAgent } from './session.ts';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

const finals = new Set(['refused', 'cancelled', 'ended', 'failed']);

/** What an end may do at any moment, whatever the other does. */
const actions = ['ring', 'answer', 'reject', 'cancel', 'bye', 'offer', 'digit'] as const;
type Action = (typeof actions)[number];

const actOnCallee = (session: ServerSession, action: Action): void => {
  if (action === 'ring') session.ring();
  else if (action === 'answer') session.answer(answerSdp);
  else if (action === 'reject') session.reject(486);
  else act(session, action);
};

const actOnCaller = (session: ClientSession, action: Action): void => {
  if (action === 'cancel') session.cancel();
  else act(session, action);
};

const act = (session: DialogSession, action: Action): void => {
  switch (action) {
    case 'bye':
      void session.bye();
      break;
    case 'offer':
      session.offer(`${offerSdp}a=sendonly\r\n`).catch(() => {});
      break;
    case 'digit':
      session.sendDigit('5', 100);
  }
};

const step = fc.record({
  after: fc.integer({ min: 0, max: 3_000 }),
  inbound: fc.boolean(),
  action: fc.constantFrom(...actions),
});

/** Numbers from 0 to below 1, the same for the same seed (Marsaglia's xorshift). */
const randomOf = (seed: number): (() => number) => {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
};

const between = (random: () => number, least: number, most: number): number =>
  least + Math.floor(random() * (most - least + 1));

/** Losses of a message in three, a copy in nine, and delays that let messages overtake each other. */
const fateOf = (random: () => number) => (): readonly number[] => {
  const kind = between(random, 1, 9);
  if (kind <= 5) return [between(random, 1, 300)];
  if (kind <= 8) return [];
  return [between(random, 1, 300), between(random, 1, 2_000)];
};

/** An agent whose tags, branches, Call-IDs and delays are the same for the same seed. */
const openAgent = (network: MemoryNetwork, address: string, seed: number): UserAgent => {
  const random = randomOf(seed);
  const drawToken = (bytes = 10): string =>
    Array.from({ length: bytes }, () => between(random, 0, 255).toString(16).padStart(2, '0')).join('');
  const key = Buffer.alloc(32, address);
  return createUserAgent({
    transport: network.open(address),
    random,
    drawToken,
    nonceKey: key,
    callIdKey: key,
  });
};

type Step = { readonly after: number; readonly inbound: boolean; readonly action: Action };

/** What two agents do with each other, all of it by these steps and this seed. */
const play = async (steps: readonly Step[], seed: number): Promise<MemoryNetwork> => {
  const network = new MemoryNetwork();
  network.fate = fateOf(randomOf(seed));
  const left = openAgent(network, '192.0.2.1', seed + 1);
  const right = openAgent(network, '192.0.2.2', seed + 2);
  try {
    await agree(network, left, right, steps);
  } finally {
    await Promise.all([left.close(), right.close()]);
    jest.clearAllTimers();
  }
  return network;
};

describe('Two user agents with a bad network between them', () => {
  it('agree in the end on whether there is a session', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.noShrink(fc.nat()), async (steps, seed) => {
        await play(steps, seed);
      }),
      { numRuns: 500 },
    );
  }, 60_000);

  it('say byte for byte the same again by the same steps and seed, so that a failure can be looked at', async () => {
    const said = ({ sent }: MemoryNetwork): string[] =>
      sent.map(({ message, from, to }) => `${from} ${to}\n${serializeMessage(message)}`);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.noShrink(fc.nat()), async (steps, seed) => {
        const first = said(await play(steps, seed));
        expect(said(await play(steps, seed))).toEqual(first);
        expect(first).not.toEqual(said(await play(steps, seed + 7)));
      }),
      { numRuns: 30 },
    );
  }, 60_000);
});

const agree = async (
  network: MemoryNetwork,
  left: UserAgent,
  right: UserAgent,
  steps: readonly Step[],
): Promise<void> => {
  const callees: ServerSession[] = [];
  const calleeEvents: { name: string }[][] = [];
  right.onInvite(({ session }) => {
    callees.push(session);
    calleeEvents.push(eventsOf(session));
    session.on('offer', () => session.acceptOffer(answerSdp));
  });
  const caller = left.invite({ id: 'x', uri: 'sip:1@192.0.2.2', from: '2', sdp: offerSdp, timeout: 60_000 });
  const callerEvents = eventsOf(caller);
  caller.on('offer', () => caller.acceptOffer(answerSdp));
  for (const { after, inbound, action } of steps) {
    await jest.advanceTimersByTimeAsync(after);
    if (!inbound) actOnCaller(caller, action);
    else if (callees[0] !== undefined) actOnCallee(callees[0], action);
  }
  // A callee who has not decided does so now, though the caller may have given up unheard.
  await jest.advanceTimersByTimeAsync(100_000);
  for (const session of callees) session.answer(answerSdp);
  // Nobody decides anything more, and every timer of the protocol has its time.
  await jest.advanceTimersByTimeAsync(300_000);
  const [callee] = callees;
  const alive = [caller, ...callees].filter((session) => !session.over);
  const log = network.log.join('\n');
  expect({ alive: alive.length === 0 || alive.length === 2, log }).toEqual({ alive: true, log });
  if (alive.length === 2) {
    expect(callerEvents.map(({ name }) => name)).toContain('answered');
    expect(calleeEvents[0]!.map(({ name }) => name)).toContain('confirmed');
    // Two live ends are ends of the same dialog.
    expect(caller.dialog.remoteTag).toBe(callee!.dialog.localTag);
  }
  for (const events of [callerEvents, ...calleeEvents])
    expect(events.filter(({ name }) => finals.has(name)).length).toBeLessThanOrEqual(1);
};
