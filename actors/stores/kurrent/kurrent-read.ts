import { setTimeout as delay } from 'node:timers/promises';
import { type ResolvedEvent, StreamNotFoundError } from '@eventstore/db-client';
import { TandemError } from '../../errors/index.ts';
import type { RecordedEvent } from '../event-store/index.ts';
import { asStoreError, isConnectionLoss, type KurrentRequest } from './kurrent-errors.ts';
import { fromKurrentEvent } from './kurrent-events.ts';

/** What the client library gives for a read and for a subscription. */
export interface KurrentStream extends AsyncIterable<ResolvedEvent> {
  on(event: 'error', listener: (error: Error) => void): unknown;
  destroy(error?: Error): unknown;
  /** Ends the call. */
  cancel?(): Promise<void>;
  unsubscribe?(): Promise<void>;
}

/** Gives what the server sends until the signal is aborted, which throws its reason; ends the call in any case. */
export async function* receive(stream: KurrentStream, aborted: AbortSignal): AsyncGenerator<ResolvedEvent> {
  // The call may fail once more after it was left, when nobody listens any longer.
  stream.on('error', () => {});
  const abort = (): void => {
    stream.destroy(aborted.reason);
  };
  if (aborted.aborted) abort();
  aborted.addEventListener('abort', abort);
  try {
    yield* stream;
  } finally {
    aborted.removeEventListener('abort', abort);
    const end = stream.cancel ?? stream.unsubscribe;
    end?.call(stream).catch(() => {});
  }
}

export interface ReadPlan {
  readonly request: KurrentRequest;
  /** Asks for so many events from where the read begins, or from the last one that was read. */
  readonly open: (last: ResolvedEvent | undefined, count: number) => KurrentStream | undefined;
  /** Whether an event belongs to what was asked for; the server includes the position that it starts from. */
  readonly wanted: (event: RecordedEvent, last: ResolvedEvent | undefined) => boolean;
  readonly limit: number;
  readonly aborted: AbortSignal;
}

/**
 * Events that are asked for at a time, first and then. A call that is left before its end is reset, and a server ends the
 * connection of a client that resets many; so each call is read to its end, and whoever has had enough asks for no more.
 */
const [FIRST_PAGE, PAGE] = [50, 500];

/** Reads what is there. A stream that does not exist has no events. */
export async function* readKurrent({ request, open, wanted, limit, aborted }: ReadPlan) {
  let left = limit;
  let last: ResolvedEvent | undefined;
  try {
    while (left > 0) {
      aborted.throwIfAborted();
      // One more than is wanted, for the place to start from.
      const asked = Math.min(last === undefined ? FIRST_PAGE : PAGE, left + 1);
      const stream = open(last, asked);
      if (stream === undefined) return;
      const page = await Array.fromAsync(receive(stream, aborted));
      for (const resolved of page) {
        const event = fromKurrentEvent(resolved);
        if (event === undefined || !wanted(event, last)) continue;
        yield event;
        left -= 1;
        if (left <= 0) return;
      }
      if (page.length < asked) return;
      last = page.at(-1);
    }
  } catch (error) {
    if (!(error instanceof StreamNotFoundError)) throw asStoreError(error, request);
  }
}

export interface FollowPlan<P> {
  readonly request: KurrentRequest;
  /** Resolves with the place to start after. */
  readonly start: () => Promise<P>;
  readonly open: (after: P) => KurrentStream;
  readonly placeOf: (event: RecordedEvent) => P;
  readonly stopped: AbortSignal;
  /** Longest pause before connecting again, in ms. */
  readonly maxPause: number;
}

const FIRST_PAUSE = 50;

const isTombstone = ({ event }: ResolvedEvent): boolean => event?.type === '$streamDeleted';

/**
 * Follows a subscription, and when its connection is lost makes it again after the last event that was given,
 * pausing longer each time until the server answers.
 */
export async function* followKurrent<P>(plan: FollowPlan<P>): AsyncGenerator<readonly RecordedEvent[]> {
  const { request, stopped } = plan;
  let after: P | undefined;
  let failures = 0;

  while (!stopped.aborted) {
    try {
      after ??= await plan.start();
      for await (const resolved of receive(plan.open(after), stopped)) {
        failures = 0;
        if (request.stream !== undefined && isTombstone(resolved)) {
          throw new TandemError('store.stream-deleted', { stream: request.stream });
        }
        const event = fromKurrentEvent(resolved);
        if (event === undefined) continue;
        yield [event];
        after = plan.placeOf(event);
      }
    } catch (error) {
      if (stopped.aborted) return;
      if (!isConnectionLoss(error)) throw asStoreError(error, request);
    }
    const pause = Math.min(plan.maxPause, FIRST_PAUSE * 2 ** failures);
    failures += 1;
    await delay(pause, undefined, { signal: stopped }).catch(() => {});
  }
}
