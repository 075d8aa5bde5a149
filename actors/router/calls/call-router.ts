import type { Messages } from '@tandem/proto/generated/events.ts';
import type { Fetcher } from '../../documents/fetch/index.ts';
import { asRecorded, isTandemError, type TandemError } from '../../errors/index.ts';
import { derivedUuid } from '../../events/index.ts';
import type { AdoptedCall, CommandResult, GatewayPeer, HeldLeg, LinkCommand } from '../../link/index.ts';
import { callKind } from '../../machines/call/index.ts';
import type { CallContext, CallLeg } from '../../machines/execution/index.ts';
import type { GatewayId } from '../../names/index.ts';
import { callStream, idOf, isPipeStream } from '../../names/index.ts';
import type { ActorSystem, Message, Outcome } from '../../runtime/index.ts';
import { isOver } from '../../runtime/index.ts';
import type { Appended, EventStore, RecordedEvent } from '../../stores/event-store/index.ts';
import { asRefusal, type LimitedCalls } from '../limits/index.ts';
import { beginsAtGateway, ShippedEvents, type Storing } from '../shipping/index.ts';
import { type CallEffectsOptions, callEffects } from './call-effects.ts';
import { callMessage, isHeard } from './call-message.ts';
import { CallOwnership, type TellOwner } from './call-ownership.ts';
import type { CallRouting } from './call-routing.ts';
import { LostLegs } from './lost-legs.ts';
import type { NumberPlan } from './number-plan.ts';

export interface CallRouterOptions {
  /** This router, `us1/r1`. */
  readonly router: string;
  readonly store: EventStore;
  readonly system: ActorSystem;
  readonly plan: NumberPlan;
  readonly routing: CallRouting;
  readonly fetcher: Fetcher;
  readonly authToken: (accountSid: string) => string | undefined;
  /** What accounts may do at most; anything unless given. */
  readonly limits?: LimitedCalls;
  /** As `callEffects` has it. */
  readonly sealingKeys?: CallEffectsOptions['sealingKeys'];
  readonly command: (to: GatewayId, command: LinkCommand) => Promise<CommandResult>;
  /** Tells a gateway which router has a call. */
  readonly owner: TellOwner;
  /** Tells a gateway of legs that are not its own any more. */
  readonly taken: (to: GatewayId, legIds: readonly string[]) => void;
  /** Called with what a call could not take. */
  readonly onError: (error: unknown, stream: string) => void;
  /** Called with events that a gateway shipped and that are not stored as they are. */
  readonly onNotTaken?: (error: TandemError, event: Pick<RecordedEvent, 'stream'>) => void;
}

/** What a call hears of an event, and the appends without which it is not to hear it. */
interface Heard {
  readonly event: RecordedEvent;
  readonly message: Message;
  readonly after: readonly Promise<Appended>[];
}

/** Runs calls: hears from gateways what happens to their legs, and commands them. */
export class CallRouter {
  readonly #options: CallRouterOptions;
  readonly #shipped: ShippedEvents;
  readonly #ownership: CallOwnership;
  readonly #lost: LostLegs;

  constructor(options: CallRouterOptions) {
    this.#options = options;
    this.#shipped = new ShippedEvents(options.store, {
      onNotTaken: (error, event) => options.onNotTaken?.(error, event),
    });
    this.#ownership = new CallOwnership(options);
    this.#lost = new LostLegs({ ...options, onEnded: (from, event) => this.#end(from, event) });
    options.system.register(callKind, callEffects(options), this.#ownership.fence);
  }

  /**
   * Takes events that a gateway ships. They are durable there already; this resolves when they are
   * durable here and their calls have taken what concerns them, so that nothing acknowledged is ever lost.
   */
  async take(from: GatewayId, events: readonly RecordedEvent[]): Promise<void> {
    // The legs' events first: what follows from an event stands after it in the store's order.
    const storing = this.#shipped.begin(events, from, ({ type }) => isHeard(type));
    const heard = this.#messages(from, storing);
    const [told, stored] = await Promise.all([
      Promise.allSettled(heard.map((one) => this.#tell(from, one))),
      storing.stored,
      storing.leftOut.then((leftOut) => this.#sayTaken(from, leftOut)),
      storing.ended.then((ended) => Promise.all(ended.map((one) => this.#end(from, one)))),
    ]);
    const again = heard.filter((_, i) => isOrphan(told[i]!)).filter(({ event }) => stored.includes(event));
    // Their events are there all the same: stored before, or by another router.
    await Promise.all(again.map((one) => this.#tell(from, { ...one, after: [] })));
  }

  #sayTaken(from: GatewayId, leftOut: readonly RecordedEvent[]): void {
    if (leftOut.length > 0) this.#options.taken(from, [...new Set(leftOut.map(legOf))]);
  }

  /**
   * What calls hear of events. It is decided at once and stored with them, which is one commit, and one wait for the
   * disk, less; and not without them, nor without what the same call hears first.
   */
  #messages(from: GatewayId, { events, appends }: Storing): Heard[] {
    const before = new Map<string, Promise<Appended>[]>();
    return events.flatMap((event) => {
      const translated = beginsAtGateway(event) ? undefined : this.#message(from, event);
      if (!translated) return [];
      const message = this.#counted(translated, event.correlation);
      const append = appends.get(event.stream);
      const after = [...(before.get(event.correlation) ?? []), ...(append ? [append] : [])];
      before.set(event.correlation, after);
      return { event, message, after };
    });
  }

  /** A call whose leg has said something that cannot be read does not wait for it: it ends. */
  #message(from: GatewayId, event: RecordedEvent): Message | undefined {
    const { plan, router } = this.#options;
    const { id, correlation, stream, type, data } = event;
    if (type !== 'EventSetAside') {
      const message = callMessage(event, plan, router);
      return message && { ...message, accepts: (context) => regionOf(context, stream, from) === from.region };
    }
    const aside = data as Messages['EventSetAside'];
    if (!isHeard(aside.type)) return undefined;
    return {
      type: 'CallHangupRequested',
      data: { reason: 'failed', detail: `${from.region}/${from.gateway} sent a wrong ${aside.type}` },
      id: derivedUuid(id, 'call'),
      cause: id,
      correlation,
      accepts: (context) => regionOf(context, stream) === from.region,
    };
  }

  /**
   * An actor has ended in the store without its gateway, which has an older copy of it: its call hears of the end, and
   * the gateway is to say goodbye to the peer.
   */
  async #end(from: GatewayId, event: RecordedEvent): Promise<void> {
    const { plan, router, command, onError } = this.#options;
    const { id, stream, correlation } = event;
    const message = callMessage(event, plan, router);
    if (message) await this.#tell(from, { event, message, after: [] });
    const type = isPipeStream(stream) ? 'PipeEndRequested' : 'HangupRequested';
    command(from, {
      id: derivedUuid(id, 'let go'),
      stream,
      type,
      cause: id,
      correlation,
      data: { reason: 'failed', detail: 'The main region has a newer history of it, in which it has ended' },
      takeovers: Number.MAX_SAFE_INTEGER,
    }).catch((error) => onError(error, stream));
  }

  /** A gateway's link stands: what its process does not have of this router's calls any more has ended. */
  met(peer: GatewayPeer): Promise<void> {
    return this.#lost.met(peer);
  }

  /** Counts the legs that a message brings and takes away; a call that its account may not have is told so. */
  #counted(message: Message, callSid: string): Message {
    const { limits } = this.#options;
    if (limits === undefined) return message;
    if (message.type === 'CallLegLeft') limits.left(callSid, (message.data as Messages['CallLegLeft']).legId);
    if (message.type !== 'CallReceived') return message;
    const { application, ...data } = message.data as Messages['CallReceived'];
    if (application === undefined || data.accountSid === undefined) return message;
    try {
      limits.receive(data.accountSid, callSid, data.legId);
      return message;
    } catch (error) {
      return { ...message, data: { ...data, refused: asRefusal(error) } } as Message;
    }
  }

  /** Takes calls that a gateway gives to this router, because the one that had them is gone. */
  adopt(from: GatewayId, calls: readonly AdoptedCall[]): Promise<void> {
    return this.#ownership.adopt(from, calls);
  }

  /**
   * Of legs that a gateway has, those that are not its own any more: another one has taken them, or is to. A call that
   * cannot be read says nothing of its legs.
   */
  async taken(from: GatewayId, legs: readonly HeldLeg[]): Promise<string[]> {
    const { system, onError } = this.#options;
    const calls = Map.groupBy(legs, ({ callSid }) => callSid);
    const taken = await Promise.all(
      [...calls].map(async ([callSid, own]) => {
        const stream = callStream(callSid);
        await this.#ownership.settled(callSid);
        try {
          const context = (await system.snapshot(stream)).context as CallContext;
          return own.filter(({ legId }) => isTaken(context.legs[legId], from)).map(({ legId }) => legId);
        } catch (error) {
          onError(error, stream);
          return [];
        }
      }),
    );
    return taken.flat();
  }

  /**
   * Says something to a call, whichever router has it: another one's is taken over first.
   *
   * @throws runtime.*, store.*
   */
  tell(callSid: string, message: Message): Promise<Outcome> {
    return this.#ownership.tell(callSid, message);
  }

  /**
   * Tells a call. One whose machine fails on it is ended, with the failure in its history: it must not hold up
   * what its region ships of all the others. What is not durable, though, is not acknowledged.
   */
  async #tell(from: GatewayId, { event, message, after }: Heard): Promise<void> {
    const { system, onError } = this.#options;
    const stream = callStream(event.correlation);
    await this.#ownership.settled(event.correlation);
    try {
      const outcome = await system.tell(stream, message, after);
      // Nobody would have the call's last word to say, should this process end before it is said.
      if ('state' in outcome && outcome.state === 'concluding') await system.snapshot(stream);
      if (outcome.taken) return;
      if (isOver(outcome.state)) this.#letGo(from, event, 'The call is over');
      else if (event.type === 'EventSetAside') this.#letGo(from, event, 'It said what cannot be read');
    } catch (error) {
      if (isTandemError(error, 'runtime.not-owner')) return this.#ownership.say(from, event.correlation);
      const { code, message: detail } = asRecorded(error);
      if (!FAULTS_OF_THE_CALL.has(code)) throw error;
      onError(error, stream);
      const cause = message.cause;
      const failure = { action: message.type, code, message: detail };
      const end = { reason: 'failed', detail };
      const failed = (lost: unknown) => onError(lost, stream);
      await system.tell(stream, { type: 'ActionFailed', data: failure, cause }).catch(failed);
      const ended = await system
        .tell(stream, { type: 'CallHangupRequested', data: end, cause })
        .catch(failed);
      if (!ended?.taken) this.#letGo(from, event, detail);
    }
  }

  /** Hangs a leg up that has no call to do it, unless it has ended itself. Nothing waits for the gateway's answer. */
  #letGo(to: GatewayId, { id, type, stream, correlation }: RecordedEvent, detail: string): void {
    if (type === 'LegEnded') return;
    const { command, onError } = this.#options;
    command(to, {
      id: derivedUuid(id, 'let go'),
      stream,
      type: 'HangupRequested',
      data: { reason: 'failed', detail },
      cause: id,
      correlation,
    }).catch((error) => onError(error, stream));
  }
}

const legOf = ({ stream }: RecordedEvent): string => idOf(stream);

/** The region that a call knows a leg in; that of whoever speaks of it when it does not know it, or not where. */
const regionOf = (context: unknown, stream: string, from?: GatewayId): string | undefined =>
  (context as CallContext).legs[idOf(stream)]?.region || from?.region;

const isTaken = (leg: CallLeg | undefined, from: GatewayId): boolean =>
  leg !== undefined &&
  leg.gateway !== '' &&
  (leg.region !== from.region || leg.gateway !== from.gateway || leg.moving?.to !== undefined);

/** Errors of one call, which no other try mends. */
export const FAULTS_OF_THE_CALL: ReadonlySet<string> = new Set([
  'runtime.machine-failed',
  'runtime.invalid-event',
  'runtime.unknown-version',
]);

/** Whether something was not told because its event was not stored at once. @throws whatever else was wrong */
function isOrphan(told: PromiseSettledResult<void>): boolean {
  if (told.status === 'fulfilled') return false;
  if (isTandemError(told.reason, 'store.not-preceded')) return true;
  throw told.reason;
}
