import { setTimeout as delay } from 'node:timers/promises';
import { asRecorded } from '../../errors/index.ts';
import type { EventStore, RecordedEvent, SubscribeFrom, Subscription } from './event-store.ts';

export interface KeptSubscriptionOptions<Place> {
  readonly subscribe: (from: SubscribeFrom<Place>, handler: (event: RecordedEvent) => void) => Subscription;
  /** Where it begins. */
  readonly from: SubscribeFrom<Place>;
  /** The event's place in what is subscribed to. */
  readonly placeOf: (event: RecordedEvent) => Place;
  /** Takes an event. What it throws is the event's fault: the event is set aside. */
  readonly take: (event: RecordedEvent) => void;
  /** It has ended by an error, and is begun again until it goes on; called once until then. */
  readonly onInterrupted: (error: unknown) => void;
  /** It begins again after an interruption; what was missed while it began at `end` may be read here. */
  readonly onResumed?: () => void;
  readonly onSetAside: (event: RecordedEvent, error: unknown) => void;
  /** Waits so many milliseconds; ends early when the signal is aborted. */
  readonly wait?: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
}

const FIRST_WAIT = 100;
const LONGEST_WAIT = 30_000;

const waitFor = (milliseconds: number, signal: AbortSignal): Promise<unknown> =>
  delay(milliseconds, undefined, { signal }).catch(() => {});

/**
 * A subscription that lasts until it is stopped: when it ends by an error it is begun again, after the last event that
 * was taken, first after 100 ms and then after twice as long each time, up to 30 s. For handlers that only change
 * memory; one that stores something has to know for itself what to do about an event that it cannot take. It ends by
 * itself only when the store is closed.
 */
export function keepSubscribed<Place>(options: KeptSubscriptionOptions<Place>): Pick<Subscription, 'stop'> {
  const { subscribe, placeOf, take, onInterrupted, onResumed = () => {}, onSetAside } = options;
  const { wait = waitFor } = options;
  const stopping = new AbortController();
  let from = options.from;
  let pause = FIRST_WAIT;
  let subscription: Subscription | undefined;

  const handle = (event: RecordedEvent): void => {
    pause = FIRST_WAIT;
    try {
      take(event);
    } catch (error) {
      onSetAside(event, error);
    }
    from = { after: placeOf(event) };
  };

  const run = async (): Promise<void> => {
    for (let interrupted = false; !stopping.signal.aborted; ) {
      try {
        subscription = subscribe(from, handle);
        if (interrupted) onResumed();
        await subscription.ended;
        return;
      } catch (error) {
        if (stopping.signal.aborted || asRecorded(error).code === 'store.closed') return;
        // One that fails again before an event came is the same interruption.
        if (!interrupted || pause === FIRST_WAIT) onInterrupted(error);
        interrupted = true;
        await wait(pause, stopping.signal);
        pause = Math.min(pause * 2, LONGEST_WAIT);
      }
    }
  };
  const running = run();

  return {
    async stop() {
      stopping.abort();
      await subscription?.stop();
      await running;
    },
  };
}

/** The same for all events of a store. */
export const keepSubscribedToAll = (
  store: EventStore,
  options: Omit<KeptSubscriptionOptions<string>, 'subscribe' | 'placeOf'>,
): Pick<Subscription, 'stop'> =>
  keepSubscribed({
    ...options,
    subscribe: (from, handler) => store.subscribeToAll(from, handler),
    placeOf: ({ position }) => position,
  });

/** The same for one stream. */
export const keepSubscribedToStream = (
  store: EventStore,
  stream: string,
  options: Omit<KeptSubscriptionOptions<number>, 'subscribe' | 'placeOf'>,
): Pick<Subscription, 'stop'> =>
  keepSubscribed({
    ...options,
    subscribe: (from, handler) => store.subscribeToStream(stream, from, handler),
    placeOf: ({ revision }) => revision,
  });
