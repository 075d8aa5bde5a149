import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import type { SipSession, UserAgent } from './session.ts';
import { MemoryNetwork } from './testing/memory-network.ts';
import { answerSdp, offerSdp } from './testing/raw-peer.ts';
import { eventsOf } from './testing/session-events.ts';
import { createUserAgent } from './user-agent.ts';

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

const act = (session: SipSession, action: Action, inbound: boolean): void => {
  switch (action) {
    case 'ring':
      if (inbound) session.ring();
      break;
    case 'answer':
      if (inbound) session.answer(answerSdp);
      break;
    case 'reject':
      if (inbound) session.reject(486);
      break;
    case 'cancel':
      if (!inbound) session.cancel();
      break;
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

/** Losses of up to two messages in five, copies, and delays that let messages overtake each other. */
const fates = fc.infiniteStream(
  fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 1, max: 300 }).map((delay) => [delay]) },
    { weight: 3, arbitrary: fc.constant<number[]>([]) },
    { weight: 1, arbitrary: fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 2_000 })) },
  ),
);

describe('Two user agents with a bad network between them', () => {
  it('agree in the end on whether there is a session', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), fates, async (steps, fate) => {
        const network = new MemoryNetwork();
        const left = createUserAgent({ transport: network.open('192.0.2.1') });
        const right = createUserAgent({ transport: network.open('192.0.2.2') });
        await agree(network, left, right, steps, fate);
        await Promise.all([left.close(), right.close()]);
        jest.clearAllTimers();
      }),
      { numRuns: 500 },
    );
  }, 60_000);
});

const agree = async (
  network: MemoryNetwork,
  left: UserAgent,
  right: UserAgent,
  steps: readonly { after: number; inbound: boolean; action: Action }[],
  fate: Iterator<readonly number[]>,
): Promise<void> => {
  const callees: SipSession[] = [];
  const calleeEvents: { name: string }[][] = [];
  right.onInvite(({ session }) => {
    callees.push(session);
    calleeEvents.push(eventsOf(session));
    session.on('offer', () => session.acceptOffer(answerSdp));
  });
  network.fate = () => fate.next().value as readonly number[];
  const caller = left.invite({ id: 'x', uri: 'sip:1@192.0.2.2', from: '2', sdp: offerSdp, timeout: 60_000 });
  const callerEvents = eventsOf(caller);
  caller.on('offer', () => caller.acceptOffer(answerSdp));
  for (const { after, inbound, action } of steps) {
    await jest.advanceTimersByTimeAsync(after);
    const session = inbound ? callees[0] : caller;
    if (session !== undefined) act(session, action, inbound);
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
