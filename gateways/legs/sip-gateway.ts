import { randomBytes, randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { TandemError } from '@tandem/actors/errors';
import type { CommandResult, LinkCommand } from '@tandem/actors/link';
import type { LegContext } from '@tandem/actors/machines/leg';
import { legKind } from '@tandem/actors/machines/leg';
import { pipeKind } from '@tandem/actors/machines/pipe';
import { warningHeader, warningOf } from '@tandem/actors/machines/transition';
import { streamOf } from '@tandem/actors/names';
import type { ActorSystem, Message } from '@tandem/actors/runtime';
import { DELETED, stateName } from '@tandem/actors/runtime';
import type { SealingKey } from '@tandem/actors/secrets';
import { sealDigit } from '@tandem/actors/secrets';
import type { Messages, PlayRequested } from '@tandem/proto/generated/events.ts';
import { CODEC_NAMES, type CodecName } from '../audio/codecs/index.ts';
import type { MediaPlane, RemoteMedia } from '../media/index.ts';
import {
  agreedMedia,
  answerOffer,
  commonCodecs,
  noNames,
  type ResolveAddresses,
  readAnswer,
  renewOffer,
  withAddresses,
} from '../sdp/index.ts';
import type { DialogSession, DigestAlgorithm, IncomingInvite, Unavailable, UserAgent } from '../sip/index.ts';
import { BoundCredentials, hopOf, transportOf } from '../sip/index.ts';
import { FileLogins } from './file-logins.ts';
import { asEvent } from './kept-event.ts';
import { Lateness } from './lateness.ts';
import { legEffects } from './leg-effects.ts';
import { LegListener, type ListeningGateway } from './leg-listener.ts';
import { LegTable, nextDescription } from './leg-resources.ts';
import type { MediaReach } from './media-reach.ts';
import type { SourcesOf } from './media-sources.ts';
import { LONGEST_WAITS, LONGEST_WAITS_OF_QUIET, overloaded, type WorkWaits } from './overload.ts';
import { pipeEffects } from './pipe-effects.ts';
import { type OutboundTrunk, routesTo } from './routes.ts';
import { TrunkAdmission } from './trunk-admission.ts';
import { Turns } from './turns.ts';
import { WaitingOffers } from './waiting-offers.ts';

export interface SipGatewayOptions {
  readonly region: string;
  readonly gateway: string;
  /** Legs at once; more are refused with 503. */
  readonly capacity: number;
  /** Milliseconds without a packet after which a leg's media counts as stopped, unless its trunk says; 0 never. */
  readonly silenceLimit: number;
  /** Codecs that legs may use, the most wanted first; all that we have unless given. */
  readonly codecs?: readonly CodecName[];
  /** Finds the hosts that peers' descriptions name; without it they are refused. */
  readonly resolve?: ResolveAddresses;
  /** Where media may be sent for SDP's word alone; anywhere unless given. */
  readonly mediaReach?: MediaReach;
  /** Who may be heard beside the address in SDP; the peer's own hosts only unless given. */
  readonly sourcesOf?: SourcesOf;
  readonly trunks: readonly (OutboundTrunk & {
    readonly username?: string;
    readonly password?: string;
    /** Networks that its provider calls from, in CIDR notation: the password answers there, and at its address. */
    readonly allow?: readonly string[];
    /** Realms that the password is for; the first that each of the provider's hosts asks for when there are none. */
    readonly realms?: readonly string[];
    /** What the password may be proven by; all that we have when absent. */
    readonly digestAlgorithms?: readonly DigestAlgorithm[];
    /** Milliseconds, as above, for its legs. */
    readonly silenceLimit?: number;
    /** Whether it may tell us of itself in X-Tandem- header fields, and is told of us and of anonymous callers. */
    readonly trusted?: boolean;
    /** Legs at once. */
    readonly capacity?: number;
    /** INVITEs outside dialogs a second. */
    readonly invitesPerSecond?: number;
  })[];
  readonly system: ActorSystem;
  readonly userAgent: UserAgent;
  readonly media: MediaPlane;
  /** Where the pipes of another region are reached from here, where that is not what they say themselves. */
  readonly pipeAddress?: (region: string) => string | undefined;
  /** Opens the keys of pipes' other ends, which are sealed to this process. */
  readonly sealing?: SealingKey;
  /** Trunks whose provider does not answer; calls go over others while there are some. */
  readonly lostTrunks?: () => ReadonlySet<string>;
  /** Whether what happens can still be stored; if not, no call is taken and nobody is told that one would be. */
  readonly stores?: () => boolean;
  /** Hears how many legs are here when that changes. */
  readonly onLegs?: (legs: number) => void;
  /** Milliseconds for which there has been no call router for new calls; 0 when there is one. */
  readonly routerAwayFor: () => number;
  /** Whether this gateway runs the calls to a number itself, and needs no router for them; none unless given. */
  readonly runsItself?: (to: string) => boolean;
  /** Milliseconds for which a new call waits for a router, before it is refused with 503; 0, at once, unless given. */
  readonly offerPatience?: number;
  /** The call router for a new call, `us1/r1`; none when none is there. */
  readonly chooseRouter?: (callSid: string, to: string) => string | undefined;
  /** Milliseconds for which what the router of a new call was sent waits for its acknowledgement; 0 unless given. */
  readonly routerWaits?: () => number;
  /** Called with what went wrong in the background. */
  readonly onError: (error: unknown, legId: string) => void;
}

/** Milliseconds from one leg's question after a restart, whether its peer is there, to the next leg's. */
const QUESTIONS_APART = 20;

/** Milliseconds without a router after which calls do not wait for one: that is no blip, and others may take them. */
const LONG_AWAY = 30_000;

/** Seconds after which a caller may try again, who finds the gateway draining, restarting, without a router, or full. */
const DRAINING_FOR = 300;
const RESTARTING_FOR = 5;
const UNLINKED_FOR = 5;
const FULL_FOR = 10;
const UNLINKED: Unavailable = {
  reason: 'Q.850;cause=38;text="No call router is linked"',
  retryAfter: UNLINKED_FOR,
};
/** The same when there is too much to do, drawn for each: not all who were refused come back at once. */
const OVERLOADED_FOR = [2, 8] as const;

/** What a trunk's provider asks for, by the trunk's name. @throws sip.malformed for an address that is none */
const credentialsOf = (
  trunk: SipGatewayOptions['trunks'][number],
): readonly (readonly [string, BoundCredentials])[] => {
  const { name, address, transport, username, password, allow, realms, digestAlgorithms } = trunk;
  if (username === undefined || password === undefined) return [];
  const home = hopOf(`sip:${address};transport=${transport}`)!;
  const binding = { home, networks: allow, realms, algorithms: digestAlgorithms };
  return [[name, new BoundCredentials({ username, password, ...binding })]];
};

/** Milliseconds from one look to the next whether calls are still being set up, before a restart. */
const SETUP_LOOKS_APART = 50;

const newId = (prefix: string): string => prefix + randomBytes(16).toString('hex');

/**
 * The SIP gateway of a region: what happens on its dialogs and media becomes events of its legs, and what its
 * legs decide is carried out on dialogs and media. It holds no state of a call itself.
 */
export class SipGateway {
  /** New calls that were refused because there was too much to do. It only grows. */
  readonly counters = { refusedOverload: 0 };
  readonly #options: SipGatewayOptions;
  readonly #legs: LegTable;
  /** Legs that are asked for and have nothing here yet. */
  readonly #requested = new Set<string>();
  readonly #admission: TrunkAdmission;
  readonly #questions = new Turns(QUESTIONS_APART);
  readonly #listening: ListeningGateway = {
    tell: (legId, message) => this.#tell(legId, message),
    pressed: (legId, key) => this.#pressed(legId, key),
    sentTo: (legId, host) => {
      this.#legs.get(legId).host = host;
    },
    agreedBy: (legId, answer) => this.#agreedBy(legId, answer),
    reoffered: (legId, session, sdp) => {
      this.#reoffered(legId, session, sdp).catch((error) => {
        // What is wrong with an offer, and not with us: the session stays as it was (RFC 3261, section 14.2).
        const warning = error instanceof TandemError ? warningOf(error.code) : undefined;
        if (!session.over) {
          if (warning === undefined) session.refuseOffer(500);
          else session.refuseOffer(488, warningHeader(warning));
        }
        this.#options.onError(error, legId);
      });
    },
  };
  readonly #waiting: WaitingOffers;
  #admits = true;
  readonly #fileLogins = new FileLogins();
  #stopping = false;
  #leaving = false;
  readonly #lateness = new Lateness();
  /** When calls came that are not in the journal yet, the oldest first; milliseconds of performance.now(). */
  readonly #storing = new Map<string, number>();

  constructor(options: SipGatewayOptions) {
    this.#options = options;
    this.#admission = new TrunkAdmission(options);
    this.#waiting = new WaitingOffers({
      patience: options.offerPatience ?? 0,
      mayBegin: () => options.routerAwayFor() === 0 && overloaded(this.#waits()) === undefined,
    });
    this.#legs = new LegTable(options.onLegs, (legId) => this.#admission.over(legId));
    const { system, userAgent, media, trunks } = options;
    const credentials = new Map(trunks.flatMap((trunk) => credentialsOf(trunk)));
    system.register(
      legKind,
      legEffects({
        legs: this.#legs,
        userAgent,
        media,
        codecs: options.codecs,
        fileLogins: this.#fileLogins,
        silenceLimit: (trunk) =>
          trunks.find(({ name }) => name === trunk)?.silenceLimit ?? options.silenceLimit,
        resolve: options.resolve,
        mediaReach: options.mediaReach,
        onTrunk: (legId, trunk) => this.#admission.began(legId, trunk, 'confirmed'),
        onAnswered: (legId) => this.#admission.answered(legId),
        sourcesOf: options.sourcesOf,
        turn: () => this.#questions.mine(),
        listen: (legId, session, route) => this.#listen(legId, session, route),
        credentials: (name) => credentials.get(name),
        origin: (trunk, call) =>
          this.#trusts(trunk) ? { region: options.region, gateway: options.gateway, ...call } : undefined,
      }),
    );
    system.register(pipeKind, pipeEffects(media, options.pipeAddress ?? (() => undefined), options.sealing));
    media.on('digit', (legId, key) => this.#pressed(legId, key));
    media.on('played', (legId, played) => this.#tell(legId, { type: 'PlayFinished', data: played }));
    media.on('latched', (legId, source) => this.#tell(legId, { type: 'MediaLatched', data: source }));
    media.on('contested', (legId, { address, port, heard }) =>
      this.#tell(legId, {
        type: 'MediaContested',
        data: {
          address,
          port,
          ...(heard && { heardAddress: heard.address, heardPort: heard.port }),
        },
      }),
    );
    media.on('stopped', (legId, silentFor) =>
      this.#tell(legId, { type: 'MediaStopped', data: { silentFor } }),
    );
  }

  /** Legs that hold resources here. */
  get legs(): number {
    return this.#legs.size;
  }

  /** Whether it is being stopped: it hangs its legs up and takes none. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /** Hears its peers and takes calls from now on: the legs that another process had are here again. */
  open(): void {
    this.#options.userAgent.onInvite((invite) => this.#offer(invite));
    this.#options.userAgent.onAdmission(
      ({ trunk }, to) => this.#unavailable(to) ?? this.#overload(trunk) ?? this.#admission.refusal(trunk),
    );
    this.#options.userAgent.onOptions(() => this.#unavailable());
    this.#options.userAgent.hear();
  }

  /** Whether it takes new legs; those that are here are kept in any case. */
  admit(open: boolean): void {
    this.#admits = open;
    if (!open) this.#waiting.empty();
  }

  /**
   * Takes no calls any more, hangs up those that are here, and waits for their ends: no peer is left with a call
   * that nobody has.
   *
   * @param patience milliseconds for which a peer may leave a goodbye unanswered
   * @returns how many legs were still here then
   */
  async stop(patience: number): Promise<number> {
    this.#stopping = true;
    this.#waiting.empty();
    this.#lateness.close();
    const limit = Promise.withResolvers<void>();
    const timer = setTimeout(limit.resolve, patience);
    await Promise.race([this.#hangUpAll(), limit.promise]);
    clearTimeout(timer);
    return this.#legs.size;
  }

  /**
   * Takes no calls any more and keeps those that are here: the next process with this journal has them. It waits for
   * those that are being set up, which that process could not go on with.
   *
   * @param patience milliseconds for which it waits
   * @returns how many legs were neither answered nor over then; they end with `restarted`
   */
  async leave(patience: number): Promise<number> {
    this.#leaving = true;
    this.#waiting.empty();
    this.#lateness.close();
    const limit = AbortSignal.timeout(patience);
    for (;;) {
      const unanswered = await this.#beingSetUp();
      if (unanswered === 0 || limit.aborted) return unanswered;
      await wait(SETUP_LOOKS_APART);
    }
  }

  /** Legs that are neither connected nor over. */
  async #beingSetUp(): Promise<number> {
    const { system } = this.#options;
    const legs = [...new Set([...this.#legs.ids(), ...this.#requested])];
    const states = await Promise.all(legs.map((legId) => system.snapshot(`leg-${legId}`)));
    return states.filter((state) => !state.matches({ live: { dialog: 'connected' } })).length;
  }

  async #hangUpAll(): Promise<void> {
    const { system, onError } = this.#options;
    const data = { reason: 'restarted', status: 0, detail: 'The gateway was stopped' };
    const hangUp = (legId: string) =>
      system.tell(`leg-${legId}`, { type: 'HangupRequested', data }).catch((error) => onError(error, legId));
    await Promise.all([...new Set([...this.#legs.ids(), ...this.#requested])].map(hangUp));
    await this.#legs.empty();
  }

  /**
   * Has a leg take a command of a router's.
   *
   * @throws sip.gateway-stopping, sip.gateway-draining, sip.gateway-full, sip.trunks-full for a new leg
   * @throws sip.no-such-leg when a leg is to be hung up that was never begun
   * @throws runtime.invalid-event, store.wrong-revision for a leg that cannot be taken from another gateway
   */
  async command({ id, stream, type, data, cause, correlation }: LinkCommand): Promise<CommandResult> {
    const message = { type, data, id, cause, correlation } as Message;
    const { system } = this.#options;
    const legId = stream.slice('leg-'.length);
    if (message.type === 'LegAdoptRequested')
      return this.#adopt(legId, message as Message<'LegAdoptRequested'>);
    if (message.type === 'Sought') {
      // One that is deleted had ended, and its end was shipped: whoever asks has lost it since.
      const state = stateName((await system.snapshot(stream)).value);
      if (state === 'new' || state === DELETED)
        throw new TandemError('sip.no-such-leg', { id: stream.slice(stream.indexOf('-') + 1) });
      return { accepted: true };
    }
    if (message.type !== 'LegRequested') {
      const outcome = await system.tell(stream, this.#withoutLogins(message));
      if (message.type === 'HangupRequested' && !outcome.taken && outcome.state === 'new')
        throw new TandemError('sip.no-such-leg', { id: legId });
      return { accepted: outcome.taken };
    }
    // The router keeps a command that has no answer, and gives it to the next process.
    if (this.#leaving && !this.#legs.has(legId)) return new Promise(() => {});
    // A command may come again for a leg that is here.
    if (!this.#legs.has(legId)) this.#checkRoom();
    this.#requested.add(legId);
    try {
      return {
        accepted: (await system.tell(stream, this.#routed(message as Message<'LegRequested'>))).taken,
      };
    } finally {
      this.#requested.delete(legId);
    }
  }

  /** A command as it may be stored. */
  #withoutLogins(message: Message): Message {
    if (message.type !== 'PlayRequested') return message;
    return { ...message, data: this.#fileLogins.take(message.data as PlayRequested) } as Message;
  }

  /** Another gateway has a leg: it is forgotten here, and its peer hears nothing of that. */
  letGo(legId: string): void {
    const { system, onError } = this.#options;
    system.tell(`leg-${legId}`, { type: 'LegTaken', data: {} }).catch((error) => onError(error, legId));
  }

  /** Takes a leg whose gateway is gone: its events are kept here, then it goes on as after a restart. */
  async #adopt(legId: string, { data, ...how }: Message<'LegAdoptRequested'>): Promise<CommandResult> {
    const { system, region, gateway } = this.#options;
    const stream = `leg-${legId}`;
    if (this.#leaving && !this.#legs.has(legId)) return new Promise(() => {});
    if (!this.#legs.has(legId)) this.#checkRoom();
    this.#requested.add(legId);
    try {
      await system.takeUp(stream, data.events.map(asEvent));
      const restarted = { node: `${region}/${gateway}` };
      return {
        accepted: (await system.tell(stream, { ...how, type: 'OwnerRestarted', data: restarted })).taken,
      };
    } finally {
      this.#requested.delete(legId);
    }
  }

  #routed(message: Message<'LegRequested'>): Message<'LegRequested'> {
    const { gateway, trunks, lostTrunks } = this.#options;
    const { full } = this.#admission;
    const { to, from, foreignCallerId } = message.data;
    const found = routesTo({
      to,
      trunks,
      lost: lostTrunks?.(),
      ...(foreignCallerId && { foreignCallerId: from }),
    });
    const routes = found.routes.filter(({ trunk }) => !full.has(trunk));
    if (routes.length === 0 && found.routes.length > 0)
      throw new TandemError('sip.trunks-full', { gateway, trunks: [...full].join(', ') });
    return { ...message, data: { ...message.data, gateway, ...found, routes } };
  }

  /** Legs that are here and that are about to be. */
  get #taken(): number {
    return this.#legs.size + [...this.#requested].filter((legId) => !this.#legs.has(legId)).length;
  }

  /** @throws sip.gateway-stopping, sip.gateway-draining, sip.gateway-full */
  #checkRoom(): void {
    const { gateway, capacity } = this.#options;
    if (this.#stopping) throw new TandemError('sip.gateway-stopping', { gateway });
    if (!this.#admits) throw new TandemError('sip.gateway-draining', { gateway });
    if (this.#taken >= capacity) throw new TandemError('sip.gateway-full', { gateway, capacity });
  }

  /** Why a new call, to a number if one is given, cannot be taken, if it cannot. */
  #unavailable(to?: string): Unavailable | undefined {
    if (this.#stopping) return { reason: 'Q.850;cause=41;text="The gateway is being stopped"' };
    if (this.#options.stores?.() === false) return { reason: 'Q.850;cause=41;text="Nothing can be stored"' };
    if (this.#leaving)
      return { reason: 'Q.850;cause=41;text="The gateway is being restarted"', retryAfter: RESTARTING_FOR };
    if (!this.#admits)
      return { reason: 'Q.850;cause=42;text="The gateway is draining"', retryAfter: DRAINING_FOR };
    if (this.#mustWait(to) && !(this.#waiting.hasRoom && this.#options.routerAwayFor() < LONG_AWAY))
      return UNLINKED;
    if (this.#taken >= this.#options.capacity)
      return { reason: 'Q.850;cause=42;text="At capacity"', retryAfter: FULL_FOR };
    return undefined;
  }

  /** Whether a call that comes now, to a number if one is given, waits for a router, or behind others that do. */
  #mustWait(to?: string): boolean {
    const { routerAwayFor, runsItself } = this.#options;
    if (to !== undefined && runsItself?.(to)) return false;
    return routerAwayFor() > 0 || this.#waiting.size > 0;
  }

  /** For how long work waits here and at the router. */
  #waits(): WorkWaits {
    const [oldest] = this.#storing.values();
    return {
      process: this.#lateness.milliseconds,
      socket: this.#options.userAgent.backlog,
      journal: oldest === undefined ? 0 : performance.now() - oldest,
      router: this.#options.routerWaits?.() ?? 0,
    };
  }

  #overload(trunk: string | undefined): Unavailable | undefined {
    const isQuiet = this.#admission.isQuiet(trunk);
    const what = overloaded(this.#waits(), isQuiet ? LONGEST_WAITS_OF_QUIET : LONGEST_WAITS);
    if (what === undefined) return undefined;
    this.counters.refusedOverload++;
    const [least, most] = OVERLOADED_FOR;
    return {
      reason: `Q.850;cause=42;text="Overload: ${what}"`,
      retryAfter: randomInt(least, most + 1),
    };
  }

  #trusts(trunk: string | undefined): boolean {
    return this.#options.trunks.some(({ name, trusted }) => name === trunk && trusted === true);
  }

  #offer(invite: IncomingInvite): void {
    const { session, flow } = invite;
    const legId = newId('LE');
    const callSid = newId('CA');
    const held = this.#legs.get(legId);
    held.session = session;
    held.server = session;
    held.host = flow.remoteAddress;
    // Only over UDP can somebody call who does not hear us.
    this.#admission.began(
      legId,
      flow.trunk,
      transportOf(flow.transport).isReliable ? 'confirmed' : 'offered',
    );
    session.on('confirmed', () => this.#admission.confirmed(legId));
    if (this.#mustWait(invite.to)) this.#wait(legId, callSid, invite);
    else this.#begin(legId, callSid, invite);
  }

  /** A call waits for a router. */
  #wait(legId: string, callSid: string, invite: IncomingInvite): void {
    const { session } = invite;
    this.#waiting.add({
      get over() {
        return session.over;
      },
      ...(invite.expires !== undefined && { expires: invite.expires }),
      begin: (waited) => this.#begin(legId, callSid, invite, waited),
      giveUp: (why) => {
        this.#legs.delete(legId);
        const { reason, retryAfter } = (why === 'closing' ? this.#unavailable() : undefined) ?? UNLINKED;
        if (why === 'expired') session.reject(487);
        else if (why !== 'gone') session.reject(503, reason, retryAfter);
      },
    });
  }

  /** A call is here from now on. `waited` is in seconds. */
  #begin(legId: string, callSid: string, invite: IncomingInvite, waited = 0): void {
    const { session, flow, from, to, facts, sdp, via, expires } = invite;
    const { system, region, gateway, codecs = CODEC_NAMES, onError } = this.#options;
    this.#listen(legId, session, 0);
    const router = this.#options.chooseRouter?.(callSid, to);
    const data: Messages['LegOffered'] = {
      legId,
      callSid,
      region,
      gateway,
      from,
      to,
      trunk: flow.trunk ?? '',
      dialog: session.dialog,
      via,
      codecs: sdp === undefined ? [] : commonCodecs(sdp, codecs),
      ...(sdp !== undefined && { offer: sdp }),
      facts,
      ...(router !== undefined && { router }),
      ...(expires !== undefined && { expires: Math.max(1, expires - Math.floor(waited)) }),
    };
    this.#storing.set(legId, performance.now());
    const offered = system.tell(`leg-${legId}`, { type: 'LegOffered', data, correlation: callSid });
    offered
      .catch((error) => {
        // What could not be stored has not happened; the caller may try elsewhere.
        this.#legs.delete(legId);
        if (!session.over) session.reject(503, 'Q.850;cause=41;text="Not stored"');
        onError(error, legId);
      })
      .finally(() => this.#storing.delete(legId));
  }

  #listen(legId: string, session: DialogSession, route: number): void {
    session.listen(new LegListener(this.#listening, legId, session, route));
  }

  /**
   * What a peer's answer to our offer chose, or an offer of its own since; an answer that is none ends the leg when it is
   * connected.
   */
  #agreedBy(legId: string, answer: string): RemoteMedia | undefined {
    const resources = this.#legs.get(legId);
    const { offer, changed } = resources;
    resources.offer = undefined;
    if (changed?.offer === answer) return changed.remote;
    try {
      return offer === undefined ? undefined : readAnswer(offer, answer);
    } catch {
      return undefined;
    }
  }

  /** The peer changes the session: hold, a new address, another codec. */
  async #reoffered(legId: string, session: DialogSession, offer: string | undefined): Promise<void> {
    if (offer === undefined) return this.#offerAnew(legId, session);
    const resources = this.#legs.get(legId);
    if (!resources.ours) return session.refuseOffer(500);
    const located = await withAddresses(offer, this.#options.resolve ?? noNames);
    if (!resources.ours) return session.refuseOffer(500);
    resources.ours = nextDescription(resources.ours);
    const { sdp: answer, remote } = answerOffer(located, resources.ours);
    resources.changed = { offer, remote };
    const outcome = await this.#options.system.tell(`leg-${legId}`, {
      type: 'SessionChanged',
      data: { sdp: offer, answer, direction: remote.direction, dialog: session.dialog },
    });
    if (!outcome.taken && !session.over) session.refuseOffer(500);
  }

  /**
   * The peer asks us for an offer: whatever stands, it is offered all that we are willing to do (RFC 6337, section 5.3),
   * or a peer that wants its call off hold in this way would stay there.
   */
  async #offerAnew(legId: string, session: DialogSession): Promise<void> {
    const { system } = this.#options;
    const { context } = await system.snapshot(`leg-${legId}`);
    const { session: agreed, offering } = context as LegContext;
    const resources = this.#legs.get(legId);
    if (!resources.ours || agreed.offer === undefined || agreed.answer === undefined)
      return session.refuseOffer(500);
    const { offerer, offer, answer } = agreed;
    const { codec } = offerer === 'us' ? readAnswer(offer, answer) : agreedMedia(offer, answer);
    resources.ours = nextDescription(resources.ours);
    const sdp = renewOffer(offering ?? (offerer === 'us' ? offer : answer), resources.ours, {
      codecs: [codec],
    });
    resources.offer = sdp;
    const data = { sdp, dialog: session.dialog };
    const outcome = await system.tell(`leg-${legId}`, { type: 'SessionOffered', data });
    if (!outcome.taken && !session.over) session.refuseOffer(500);
  }

  /**
   * A key of a leg's endpoint, sealed where that is asked for: nothing is stored or sent of it before. What passes a pipe
   * was pressed at a leg elsewhere, whose gateway tells of it.
   */
  #pressed(legId: string, key: Messages['DigitReceived']): void {
    if (!this.#legs.has(legId)) return;
    const { sealing } = this.#legs.get(legId);
    const digit =
      sealing === undefined || sealing.except.includes(key.digit)
        ? key.digit
        : sealDigit(sealing.keys, key.digit, sealing.callSid);
    this.#tell(legId, { type: 'DigitReceived', data: { ...key, digit } });
  }

  /** Tells a leg or a pipe what happened to it. A state that does not take it has gone on already. */
  #tell(legId: string, message: Message): void {
    this.#options.system.tell(streamOf(legId), message).catch((error) => this.#options.onError(error, legId));
  }
}
