import { asRecorded, isTandemError, TandemError } from '../../errors/index.ts';
import { derivedUuid } from '../../events/index.ts';
import type { AdoptedCall, CommandResult, LinkCommand, OwnerMessage } from '../../link/index.ts';
import type { CallContext } from '../../machines/execution/index.ts';
import { callStream, formatGateway, type GatewayId, legStream } from '../../names/index.ts';
import type { ActorSystem, Fence, Message, Outcome } from '../../runtime/index.ts';
import { keptByGateway } from '../shipping/index.ts';

export type TellOwner = (to: GatewayId, owner: OwnerMessage) => void;

export interface CallOwnershipOptions {
  /** This router, `us1/r1`. */
  readonly router: string;
  readonly system: ActorSystem;
  readonly owner: TellOwner;
  readonly command: (to: GatewayId, command: LinkCommand) => Promise<CommandResult>;
  readonly onError: (error: unknown, stream: string) => void;
}

/** Calls that are adopted at a time: each is read from the store. */
const ADOPTED_AT_ONCE = 64;
/** How often a call is taken over for one message, when others take it back meanwhile. */
const ATTEMPTS = 5;

const streamOf = (callSid: string): string => callStream(callSid);

/**
 * Which calls are this router's. A call's stream says whose it is: the router that it was received by, or that took it
 * over last. A router that does not know yet that another has its call finds out when the store refuses its event.
 */
export class CallOwnership {
  readonly #options: CallOwnershipOptions;
  /** Calls that are being adopted. */
  readonly #adopting = new Map<string, Promise<void>>();

  constructor(options: CallOwnershipOptions) {
    this.#options = options;
  }

  /** A call of another router's takes nothing here but that it is taken over. */
  readonly fence: Fence = (snapshot, type, stream) => {
    const { router } = snapshot.context as CallContext;
    if (router === '' || router === this.#options.router || snapshot.status === 'done') return undefined;
    const kept = keptByGateway(snapshot, type, stream);
    if (kept) return kept;
    return type === 'CallTakenOver'
      ? undefined
      : new TandemError('runtime.not-owner', { stream, owner: router });
  };

  /** Resolves when the call, if it is being adopted, is; what its gateway says next comes after that. */
  async settled(callSid: string): Promise<void> {
    await this.#adopting.get(callSid);
  }

  async adopt(from: GatewayId, calls: readonly AdoptedCall[]): Promise<void> {
    const waiting = calls.map((call) => ({ call, done: Promise.withResolvers<void>() }));
    for (const { call, done } of waiting) this.#hold(call.callSid, done.promise);
    const next = async (): Promise<void> => {
      for (let one = waiting.shift(); one; one = waiting.shift())
        try {
          await this.#adopt(from, one.call);
        } finally {
          one.done.resolve();
        }
    };
    await Promise.all(Array.from({ length: Math.min(ADOPTED_AT_ONCE, calls.length) }, next));
  }

  #hold(callSid: string, adopted: Promise<void>): void {
    this.#adopting.set(callSid, adopted);
    void adopted.then(() => {
      if (this.#adopting.get(callSid) === adopted) this.#adopting.delete(callSid);
    });
  }

  async #adopt(gateway: GatewayId, { callSid, from }: AdoptedCall): Promise<void> {
    const { system, router, onError } = this.#options;
    const stream = streamOf(callSid);
    try {
      if (from !== router && (await this.#takeOver(callSid, from))) return;
      const { status, context } = await system.snapshot(stream);
      if (status === 'done') return this.#hangUp(gateway, context as CallContext);
      // It was this router's before its restart, and nothing here knew of it.
      if ((context as CallContext).router === router && !system.isLive(stream))
        await system.tell(stream, { type: 'OwnerRestarted', data: { node: router } });
    } catch (error) {
      if (asRecorded(error).code.startsWith('store.')) throw error;
      if (!isTandemError(error, 'runtime.not-owner')) onError(error, stream);
    }
    await this.say(gateway, callSid);
  }

  /** Whether the call is this router's now; everybody who has something of it is told. */
  async #takeOver(callSid: string, from: string): Promise<boolean> {
    const { system, router } = this.#options;
    const data = { router, from };
    const message: Message = { type: 'CallTakenOver', data, correlation: callSid };
    const { taken } = await system.tell(streamOf(callSid), message);
    if (!taken) return false;
    const context = await this.#context(callSid);
    for (const place of placesOf(context)) this.#options.owner(place, ownerOf(context));
    return true;
  }

  /** Tells a gateway who has a call. */
  async say(to: GatewayId, callSid: string): Promise<void> {
    const context = await this.#context(callSid);
    if (context.router !== '') this.#options.owner(to, ownerOf(context));
  }

  async tell(callSid: string, message: Message): Promise<Outcome> {
    const { system } = this.#options;
    for (let attempt = 1; ; attempt++)
      try {
        return await system.tell(streamOf(callSid), message);
      } catch (error) {
        if (!isTandemError(error, 'runtime.not-owner') || attempt === ATTEMPTS) throw error;
        await this.#takeOver(callSid, String(error.params.owner));
      }
  }

  async #context(callSid: string): Promise<CallContext> {
    return (await this.#options.system.snapshot(streamOf(callSid))).context as CallContext;
  }

  /** A gateway still has legs of a call that is over. */
  #hangUp(gateway: GatewayId, { callSid, legs }: CallContext): void {
    const { command, onError } = this.#options;
    for (const [legId, leg] of Object.entries(legs)) {
      if (formatGateway(leg) !== formatGateway(gateway)) continue;
      command(gateway, {
        id: derivedUuid(legId, 'let go'),
        stream: legStream(legId),
        type: 'HangupRequested',
        data: { reason: 'failed', detail: 'The call is over' },
        cause: '',
        correlation: callSid,
        takeovers: Number.MAX_SAFE_INTEGER,
      }).catch((error) => onError(error, streamOf(callSid)));
    }
  }
}

const ownerOf = ({ callSid, router, takeovers }: CallContext): OwnerMessage => ({
  callSid,
  router,
  takeovers,
});

/** The gateways that have a leg or a pipe of a call. */
function placesOf({ legs, media }: CallContext): GatewayId[] {
  const places = [
    ...Object.values(legs).filter(({ status }) => status !== 'left' && status !== 'placing'),
    ...(media.path?.nodes ?? []),
    ...(media.next?.nodes ?? []),
  ];
  return [
    ...new Map(places.map(({ region, gateway }) => [`${region}/${gateway}`, { region, gateway }])).values(),
  ];
}
