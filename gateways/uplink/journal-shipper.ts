import { asRecorded, isTandemError, TandemError } from '@tandem/actors/errors';
import type { AdoptedCall, HeldLeg } from '@tandem/actors/link';
import { encodeEvent, type ShippedEvent } from '@tandem/actors/link';
import type { GatewayId } from '@tandem/actors/names';
import { limits, PATIENCE } from '@tandem/actors/peers';
import { isHeard } from '@tandem/actors/router';
import type { EventStore, Position, RecordedEvent, Subscription } from '@tandem/actors/stores/event-store';
import { isAfter } from '@tandem/actors/stores/event-store';
import { CallOwners, type OwnedCall, routerNamed } from './call-owners.ts';
import { chooseRouter } from './choose-router.ts';
import { watchRouters } from './router-presence.ts';
import { Shipments, SILENT } from './shipments.ts';

/** A stream to a router: it says when it has had enough. */
export interface RouterStream {
  readonly full: boolean;
  send(events: ShippedEvent[]): void;
  adopt(calls: AdoptedCall[]): void;
  /** Asks whether legs are still this gateway's. */
  ask(legs: HeldLeg[]): void;
}

/** What a router says, or a command shows, of who has a call. */
export interface OwnerNews {
  readonly callSid: string;
  readonly router: string;
  readonly takeovers: number;
}

export interface JournalShipperOptions {
  /** The main region that this is shipped to. */
  readonly main: string;
  /** Whose journal it is, `ie1/gw1`: a call that names it for its router concerns no other one more than the rest. */
  readonly gateway: string;
  /** Its routers, `us1/r1`, in the order of the configuration. */
  readonly routers: readonly string[];
  readonly journal: EventStore;
  /** The position up to which everything was dealt with when the process before ended; `''` for none. */
  readonly after: Position;
  /** Milliseconds for which a router that was lost is waited for. */
  readonly grace: number;
  /** Legs and pipes that are live at the start. */
  readonly live: readonly {
    readonly stream: string;
    readonly callSid: string;
    readonly router: string | undefined;
  }[];
  /** Whether calls of which nobody knows whose they are belong to this main region. */
  readonly takesUnknown: boolean;
  /** Everything up to a position is dealt with. */
  readonly onDurable: (position: Position) => void;
  /** The main region lacks what it acknowledged: the journal is shipped again from its beginning. */
  readonly onRewind: (why: string) => void;
  /** The journal cannot be read on; it is tried again. */
  readonly onError: (error: unknown) => void;
  /** A router has acknowledged nothing for long, while others have: its stream is to be ended. */
  readonly onStuck?: (router: string, seconds: number) => void;
}

/** Ships a journal to one main region, to each of its routers what is about its calls. */
export interface JournalShipper {
  /** A router's stream is there; `node` is its process. */
  attach(router: string, node: string, stream: RouterStream): void;
  /** It is over; `forGood` when the router is not to be waited for. */
  detach(router: string, forGood: boolean): void;
  /** A router's stream is not full any more. */
  resume(router: string): void;
  /** So many messages of the router's stream are dealt with. False when so many were not sent. */
  acknowledge(router: string, messages: number): boolean;
  /**
   * A router lacks events that were acknowledged; its stream is over. The journal is shipped again from its beginning.
   * False when it has been so already, and this did not help.
   */
  rewind(router: string, why: string): boolean;
  learn(news: OwnerNews): void;
  /** Whether a command is from the router that has the call, as far as is known here. */
  accepts(news: OwnerNews): boolean;
  /** The router for a new call; none when none is there, or all that are there are silent. */
  choose(callSid: string): string | undefined;
  /** Milliseconds for which there has been no router for a new call; 0 when there is one. */
  awayFor(): number;
  /** Milliseconds for which the least busy of the routers for new calls has not acknowledged what it was sent. */
  waits(): number;
  close(): Promise<void>;
}

/** What concerns no call of theirs goes to any router, since they share a store. */
const NO_CALL = '';
/** Calls in one message to a router, and legs. */
const ADOPTED_TOGETHER = limits.adoptedCalls;
const ASKED_TOGETHER = limits.heldLegs;
/** Milliseconds without an acknowledgement after which new calls go to another router, if one is less busy. */
const BUSY = 500;
/**
 * Milliseconds without an acknowledgement, and for which others have acknowledged meanwhile, after which a router's calls
 * are for others. When the store is away that they share, none of them acknowledges anything.
 */
const STUCK = 3000;
const OTHERS_WORK = 2000;
/** Milliseconds before a journal that could not be read is tried again. */
const READ_AGAIN = 5000;

const LEG = 'leg-';
const isLeg = (stream: string): boolean => stream.startsWith(LEG);

/** What is of use to this process only: snapshots of its actors. */
const staysHere = ({ stream }: RecordedEvent): boolean => stream.startsWith('snapshot-');

const mainOf = (router: string): string => router.slice(0, router.indexOf('/'));

/**
 * The journal is read once, in order; each event is given to the stream of the router that has its call, and to
 * another one's when that router goes away, until it is acknowledged. Events of one event-loop turn travel together.
 * Those that no call hears of wait some milliseconds for others to go with; those that one hears of wait for none. The
 * journal is read no further than a bounded number of events beyond what is acknowledged.
 */
export function createJournalShipper(options: JournalShipperOptions): JournalShipper {
  const { main, routers, journal, grace } = options;
  const owners = new CallOwners();
  const shipments = new Shipments<OwnedCall>(options.after, (call) => owners.finished(call));
  const streams = new Map<string, RouterStream>();
  const nodes = new Map<string, string>();
  const presence = watchRouters(routers, grace, handOverAll);
  /** Routers with something new to send. */
  const fresh = new Set<string>();
  /** Calls that were handed over a short while ago: two regions that see different routers must not race. */
  const recent = new Set<string>();
  /** Routers that are silent, by when another one was first heard meanwhile. */
  const suspects = new Map<string, number>();
  let turn: NodeJS.Immediate | undefined;
  let soon: NodeJS.Timeout | undefined;
  let cooling: NodeJS.Timeout | undefined;
  let retry: NodeJS.Timeout | undefined;
  let room: (() => void) | undefined;
  let subscription: Subscription;
  let durable = options.after;
  /** How often the journal was begun anew, and which time it was when a router's stream began. */
  let beginnings = 0;
  const attachedIn = new Map<string, number>();
  /** What was shipped before the journal was begun anew; beyond that, another time may help. */
  let shippedBefore: Position | undefined;
  /** Resolves when the journal is read again, from its beginning; until then what is still read counts for nothing. */
  let rewinding: Promise<void> | undefined;
  let closed = false;

  /** Legs that another gateway began: what it did with them is in the store. */
  const begunElsewhere = new Set<string>();

  owners.of(NO_CALL, routers[0]!).live.add(NO_CALL);
  for (const { stream, callSid, router } of options.live)
    if (router !== options.gateway && isOurs(router))
      owners.of(callSid, router ?? anyRouter(callSid)).live.add(stream);

  function isOurs(router: string | undefined): boolean {
    if (router === undefined) return options.takesUnknown;
    return router === options.gateway || mainOf(router) === main;
  }

  function anyRouter(callSid: string): string {
    return chooseRouter(callSid, presence.linked()) ?? chooseRouter(callSid, routers)!;
  }

  // ------------------------------------------------------------ from the journal

  function read(): void {
    const { read: position } = shipments;
    subscription = journal.subscribeToAll(position === '' ? 'start' : { after: position }, onEvent);
    subscription.ended.catch((error) => {
      if (closed) return;
      const tooLarge = isTandemError(error, 'link.event-too-large');
      options.onError(
        tooLarge ? error : new TandemError('link.journal-failed', { detail: asRecorded(error).message }),
      );
      retry = setTimeout(read, READ_AGAIN);
    });
  }

  function onEvent(event: RecordedEvent): void | Promise<void> {
    const { correlation, stream, position } = event;
    if (staysHere(event) || isStored(event)) {
      if (rewinding) return;
      shipments.skip(position);
      noteDurable();
      return;
    }
    const router = owners.get(correlation)?.router ?? routerNamed(event);
    if (router !== undefined) return offer(event, router);
    return routerOf(stream).then((found) => offer(event, found));
  }

  /**
   * Whether a router had the event before this gateway: of a leg that another gateway began, up to where this one took
   * it. When the main region has lost what it had, all is shipped.
   */
  function isStored({ type, stream, data }: RecordedEvent): boolean {
    const { region, gateway } = data as Partial<GatewayId>;
    const isOwn = gateway === undefined || `${region}/${gateway}` === options.gateway;
    if (type === 'LegAdopted' && isOwn) begunElsewhere.delete(stream);
    else if ((type === 'LegOffered' || type === 'LegRequested') && !isOwn) begunElsewhere.add(stream);
    return begunElsewhere.has(stream) && shippedBefore === undefined;
  }

  /** The router that the actor's first event names: of one that began before this process did. */
  async function routerOf(stream: string): Promise<string | undefined> {
    for await (const first of journal.readStream(stream, { limit: 1 })) return routerNamed(first);
    return undefined;
  }

  function offer(event: RecordedEvent, router: string | undefined): void | Promise<void> {
    if (rewinding) return;
    const { position } = event;
    const correlation = router === options.gateway ? NO_CALL : event.correlation;
    if (!isOurs(router)) {
      shipments.skip(position);
      noteDurable();
      return;
    }
    const encoded = encodeEvent(event);
    const call = owners.of(correlation, router ?? anyRouter(correlation));
    owners.began(event, call);
    shipments.offer(encoded, call, call.router);
    if (presence.isGone(call.router)) handOver(call.router, [call]);
    fresh.add(call.router);
    if (isHeard(event.type)) turn ??= setImmediate(flushFresh);
    else soon ??= setTimeout(flushFresh, PATIENCE);
    if (shipments.hasRoom) return;
    return new Promise((resolve) => {
      room = resolve;
    });
  }

  // ------------------------------------------------------------ to the routers

  function flushFresh(): void {
    clearImmediate(turn);
    clearTimeout(soon);
    turn = undefined;
    soon = undefined;
    for (const router of fresh) flush(router);
    fresh.clear();
  }

  function flush(router: string): void {
    const stream = streams.get(router);
    while (stream && !stream.full) {
      const message = shipments.next(router);
      if (!message) return;
      stream.send(message);
    }
  }

  function noteDurable(): void {
    if (shipments.hasRoom) release();
    if (shipments.low === durable) return;
    durable = shipments.low;
    if (shippedBefore !== undefined && !isAfter(shippedBefore, durable)) shippedBefore = undefined;
    options.onDurable(durable);
  }

  function rewind(router: string, why: string): boolean {
    // What the stream carried was sent before: it was begun anew meanwhile, for another router.
    if ((attachedIn.get(router) ?? 0) < beginnings) return true;
    if (durable === '' || shippedBefore !== undefined) return false;
    beginnings += 1;
    shippedBefore = shipments.read;
    options.onRewind(why);
    shipments.restart('');
    durable = '';
    options.onDurable('');
    clearTimeout(retry);
    rewinding = subscription.stop().then(() => {
      rewinding = undefined;
      if (!closed) read();
    });
    release();
    return true;
  }

  function release(): void {
    room?.();
    room = undefined;
  }

  // ------------------------------------------------------------ which router has which call

  /** Calls of a router that is gone go to others, if there are any; these are told before they get its events. */
  function handOver(from: string, calls: readonly OwnedCall[]): void {
    const others = presence.linked().filter((router) => router !== from);
    if (others.length === 0) return;
    const adopted = new Map<string, AdoptedCall[]>();
    for (const call of calls) {
      if (recent.has(call.callSid)) continue;
      const { callSid } = call;
      const to = callSid === NO_CALL ? others[0]! : chooseRouter(callSid, others)!;
      const told = adopted.get(to) ?? [];
      adopted.set(to, told);
      call.router = to;
      if (callSid === NO_CALL) continue;
      call.from ??= from;
      told.push({ callSid, from: call.from });
      recent.add(callSid);
    }
    shipments.move(from, (call) => call.router);
    for (const [to, told] of adopted) {
      tellToAdopt(to, told);
      ask(
        to,
        told.map(({ callSid }) => owners.get(callSid)!),
      );
      flush(to);
    }
    cooling ??= setTimeout(lookAgain, grace);
  }

  /** Routers that could take a new call now. */
  const ready = (): string[] => presence.linked().filter((router) => shipments.silence(router) <= SILENT);

  /** What a router acknowledges says something of those that do not. */
  function noteWorking(router: string): void {
    suspects.delete(router);
    const now = performance.now();
    for (const other of presence.linked()) {
      const silence = shipments.silence(other);
      if (other === router || silence <= STUCK) continue;
      const since = suspects.get(other) ?? now;
      suspects.set(other, since);
      if (now - since > OTHERS_WORK) options.onStuck?.(other, Math.round(silence / 1000));
    }
  }

  function handOverAll(router: string): void {
    handOver(router, owners.ofRouter(router));
  }

  function handOverGone(): void {
    const gone = new Set([...owners].map(({ router }) => router).filter((one) => presence.isGone(one)));
    for (const router of gone) handOverAll(router);
  }

  function lookAgain(): void {
    cooling = undefined;
    recent.clear();
    handOverGone();
  }

  function tellToAdopt(router: string, calls: readonly AdoptedCall[]): void {
    for (let at = 0; at < calls.length; at += ADOPTED_TOGETHER)
      streams.get(router)?.adopt(calls.slice(at, at + ADOPTED_TOGETHER));
  }

  /** Asks a router of its calls' legs: it may have had others take them. */
  function ask(router: string, calls: readonly OwnedCall[]): void {
    const legs = calls.flatMap(({ callSid, live }) =>
      callSid === NO_CALL
        ? []
        : [...live].flatMap((stream) => (isLeg(stream) ? { callSid, legId: stream.slice(LEG.length) } : [])),
    );
    for (let at = 0; at < legs.length; at += ASKED_TOGETHER)
      streams.get(router)?.ask(legs.slice(at, at + ASKED_TOGETHER));
  }

  function learn({ callSid, router, takeovers }: OwnerNews): void {
    const call = owners.get(callSid);
    if (!call || takeovers < call.takeovers || !isOurs(router)) return;
    if (takeovers > call.takeovers) recent.delete(callSid);
    call.takeovers = takeovers;
    call.from = undefined;
    const before = call.router;
    if (before !== router) {
      call.router = router;
      shipments.move(before, (one) => one.router);
      ask(router, [call]);
      flush(router);
    }
    if (presence.isGone(router)) handOver(router, [call]);
  }

  read();

  return {
    attach(router, node, stream) {
      streams.set(router, stream);
      attachedIn.set(router, beginnings);
      presence.found(router);
      const isAnother = nodes.get(router) !== node;
      nodes.set(router, node);
      const calls = owners
        .ofRouter(router)
        .filter(({ callSid, from }) => callSid !== NO_CALL && (isAnother || from !== undefined));
      tellToAdopt(
        router,
        calls.map(({ callSid, from = router }) => ({ callSid, from })),
      );
      ask(router, owners.ofRouter(router));
      handOverGone();
      flush(router);
    },
    detach(router, forGood) {
      suspects.delete(router);
      streams.delete(router);
      shipments.rewind(router);
      presence.lost(router, forGood);
    },
    resume: flush,
    acknowledge(router, messages) {
      const known = shipments.acknowledge(router, messages);
      noteWorking(router);
      noteDurable();
      flush(router);
      return known;
    },
    rewind,
    learn,
    accepts({ callSid, router, takeovers }) {
      const call = owners.get(callSid);
      if (!call) return true;
      if (takeovers > call.takeovers) learn({ callSid, router, takeovers });
      return takeovers >= call.takeovers;
    },
    choose(callSid) {
      const able = ready();
      const prompt = able.filter((router) => shipments.waits(router) <= BUSY);
      return chooseRouter(callSid, prompt.length > 0 ? prompt : able);
    },
    awayFor: () =>
      ready().length > 0
        ? 0
        : Math.min(...routers.map((router) => presence.awayFor(router) || shipments.silence(router))),
    waits() {
      const able = ready();
      return able.length === 0 ? 0 : Math.min(...able.map((router) => shipments.waits(router)));
    },
    async close() {
      closed = true;
      presence.close();
      clearTimeout(cooling);
      clearTimeout(retry);
      clearImmediate(turn);
      clearTimeout(soon);
      const stopped = subscription.stop();
      release();
      await stopped;
      await rewinding;
      clearImmediate(turn);
      clearTimeout(soon);
    },
  };
}
