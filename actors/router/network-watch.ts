import type { Messages } from '@tandem/proto/generated/events.ts';
import { isTandemError } from '../errors/tandem-error.ts';
import type { CallContext } from '../machines/call/call-context.ts';
import { passes } from '../machines/call/media-path.ts';
import type { NetworkView } from '../routing/network.ts';
import { changesOf } from '../routing/network-changes.ts';
import type { Message } from '../runtime/message.ts';

export interface NetworkWatchOptions {
  readonly network: NetworkView;
  /** The streams of the calls that this router has. */
  readonly calls: () => readonly string[];
  readonly contextOf: (call: string) => Promise<CallContext>;
  readonly tell: (call: string, message: Message) => Promise<unknown>;
  readonly onError: (error: unknown) => void;
  /** Milliseconds from one look at the network to the next; 1000 unless given. */
  readonly interval?: number;
}

export interface NetworkWatch {
  /** Looks now. Resolves when every call that it concerns has heard of it. */
  look(): Promise<void>;
  /** Resolves when nothing is under way any more. */
  close(): Promise<void>;
}

/** Whether anything of a call is in a gateway. */
const concerns = (
  { legs, media }: CallContext,
  place: { readonly region: string; readonly gateway: string },
): boolean =>
  passes(media.path, place) ||
  passes(media.next, place) ||
  Object.values(legs).some(
    ({ region, gateway, status }) =>
      status !== 'left' && region === place.region && gateway === place.gateway,
  );

/** Tells the calls of a router what of the network's changes concerns them (requirements P4 and P7). */
export function watchNetwork(options: NetworkWatchOptions): NetworkWatch {
  const { network, calls, contextOf, tell, onError } = options;
  let before = network.current();
  let last: Promise<void> = Promise.resolve();

  async function say(call: string, messages: (context: CallContext) => Message[]): Promise<void> {
    try {
      for (const message of messages(await contextOf(call))) await tell(call, message);
    } catch (error) {
      // Another router has the call by now, and tells it.
      if (!isTandemError(error, 'runtime.not-owner')) onError(error);
    }
  }

  async function lookNow(): Promise<void> {
    const now = network.current();
    if (now === before) return;
    const { lost, review } = changesOf(before, now);
    before = now;
    if (lost.length === 0 && review === undefined) return;
    for (const call of calls())
      await say(call, (context) => [
        ...lost
          .filter((place) => concerns(context, place))
          .map((place): Message => {
            const data: Messages['CallGatewayLost'] = { ...place, reason: GONE };
            return { type: 'CallGatewayLost', data };
          }),
        ...(review !== undefined && context.media.path && context.media.path.pipes.length > 0
          ? [{ type: 'MediaPathReviewRequested', data: { reason: review, mustMove: false } } as Message]
          : []),
      ]);
  }

  const look = (): Promise<void> => {
    last = last.then(lookNow).catch(onError);
    return last;
  };
  const timer = setInterval(look, options.interval ?? 1000);
  return {
    look,
    async close() {
      clearInterval(timer);
      await last;
    },
  };
}

const GONE = 'Nothing is heard of the gateway';
