import type { Messages } from '@tandem/proto/generated/events.ts';
import { isTandemError } from '../../errors/index.ts';
import type { CallContext } from '../../machines/execution/index.ts';
import { passes } from '../../machines/execution/index.ts';
import type { NetworkView } from '../../routing/network/index.ts';
import { changesOf, type NetworkChanges } from '../../routing/network/index.ts';
import { fixedPolicies, type PoliciesView } from '../../routing/policy/index.ts';
import type { Message } from '../../runtime/index.ts';
import { PolicyChanges } from './policy-changes.ts';

export interface NetworkWatchOptions {
  readonly network: NetworkView;
  /** None unless given. */
  readonly policies?: PoliciesView;
  /** Milliseconds since the Unix epoch. */
  readonly now?: () => number;
  /** The streams of the calls that this router has. */
  readonly calls: () => readonly string[];
  readonly contextOf: (call: string) => Promise<CallContext>;
  readonly tell: (call: string, message: Message) => Promise<unknown>;
  readonly onError: (error: unknown) => void;
  /** Milliseconds from one look at the network to the next, at most; 1000 unless given. */
  readonly interval?: number;
}

export interface NetworkWatch {
  /** Looks now. Resolves when every call that it concerns has heard of it. */
  look(): Promise<void>;
  /** Has calls look at their ways again that another router had: it may have known other policies. */
  adopted(streams: readonly string[]): Promise<void>;
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
    ({ region, gateway, status, moving }) =>
      status !== 'left' &&
      region === place.region &&
      (gateway === place.gateway || moving?.to?.gateway === place.gateway),
  );

/** Whether media of a call goes anywhere but to the caller's own gateway, or may soon. */
const hasWay = ({ media: { path, next, asked }, dial }: CallContext): boolean =>
  path !== undefined || next !== undefined || asked !== undefined || (dial?.pending.length ?? 0) > 0;

/** Calls that are told at the same time. */
const AT_ONCE = 64;

/**
 * Tells the calls of a router what of the changes of network and policies concerns them (requirements P4, P5 and P7).
 * Calls that are there at the beginning may have chosen their ways under other policies.
 */
export function watchNetwork(options: NetworkWatchOptions): NetworkWatch {
  const { network, calls, contextOf, tell, onError, interval = 1000, now = Date.now } = options;
  const policies = new PolicyChanges(options.policies ?? fixedPolicies([]), now);
  let before = network.current();
  let last: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function say(call: string, messages: (context: CallContext) => Message[]): Promise<void> {
    try {
      for (const message of messages(await contextOf(call))) await tell(call, message);
    } catch (error) {
      // Another router has the call by now, and tells it.
      if (!isTandemError(error, 'runtime.not-owner')) onError(error);
    }
  }

  async function lookNow(): Promise<void> {
    const current = network.current();
    const { lost, review } = current === before ? NO_CHANGES : changesOf(before, current);
    before = current;
    const others = policies.take();
    if (lost.length === 0 && review === undefined && others === undefined) return;
    const messages = (context: CallContext): Message[] => [
      ...lost
        .filter((place) => concerns(context, place))
        .map((place): Message => {
          const data: Messages['CallGatewayLost'] = { ...place, reason: GONE };
          return { type: 'CallGatewayLost', data };
        }),
      ...reviews(context, review, others),
    ];
    await sayAll(calls(), messages);
  }

  async function sayAll(all: readonly string[], messages: (context: CallContext) => Message[]) {
    for (let first = 0; first < all.length; first += AT_ONCE)
      await Promise.all(all.slice(first, first + AT_ONCE).map((call) => say(call, messages)));
  }

  /** Looks, and then again in a while: when an hour begins or ends, to the moment. */
  function look(): Promise<void> {
    last = last
      .then(lookNow)
      .catch(onError)
      .then(() => {
        clearTimeout(timer);
        if (!closed) timer = setTimeout(look, Math.min(interval, policies.wait));
      });
    return last;
  }
  look();
  return {
    look,
    async adopted(streams) {
      if (policies.any) await sayAll(streams, (context) => reviews(context, undefined, ADOPTED));
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await last;
    },
  };
}

const NO_CHANGES: NetworkChanges = { lost: [] };
const ADOPTED = 'another router had the call';
const GONE = 'Nothing is heard of the gateway';

function reviews(context: CallContext, changed: string | undefined, others: string | undefined): Message[] {
  const review = (data: Messages['MediaPathReviewRequested']): Message[] => [
    { type: 'MediaPathReviewRequested', data },
  ];
  if (others !== undefined && hasWay(context))
    return review({ reason: others, mustMove: false, policies: true });
  const { path } = context.media;
  return changed !== undefined && path && path.pipes.length > 0
    ? review({ reason: changed, mustMove: false })
    : [];
}
