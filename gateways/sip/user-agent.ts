import { randomBytes } from 'node:crypto';
import { isTandemError, TandemError } from '@tandem/actors/errors';
import { ANONYMOUS } from '@tandem/actors/machines/transition';
import type { Dialog } from '@tandem/proto/generated/events.ts';
import { BoundCredentials } from './auth/index.ts';
import type {
  AgentCounters,
  ClientSession,
  DialogSession,
  HostedSession,
  IncomingInvite,
  OutgoingInvite,
  TakenUp,
  UserAgent,
} from './dialog/index.ts';
import {
  DialogClient,
  endStrayDialog,
  factFields,
  identityUri,
  OutgoingSession,
  OwnCallIds,
  partyOf,
  RestoredSession,
  type SessionHost,
  type SessionTimerPolicy,
  standardSessionTimer,
  validateRequest,
  withdrawInvite,
} from './dialog/index.ts';
import { Dialogs } from './dialogs.ts';
import { capabilities, type IncomingOptions, IncomingRequests } from './incoming-requests.ts';
import type { Addressee, ReachPolicy } from './locate/index.ts';
import {
  createSipResolver,
  FailedTargets,
  type LocateOptions,
  locateHop,
  type SipResolver,
} from './locate/index.ts';
import type { SipRequest, SipResponse } from './message/index.ts';
import {
  BRANCH_COOKIE,
  buildRequest,
  CONNECT_INSTEAD_MS,
  callId,
  type DrawToken,
  formatHost,
  fromTag,
  type Header,
  randomToken,
  reasonHeader,
  toTag,
} from './message/index.ts';
import type { ServerTransaction } from './transaction/index.ts';
import {
  patience,
  standardLimits,
  standardTimers,
  type TimerValues,
  TransactionLayer,
  type TransactionLimits,
  type TransactionUser,
  type Unavailable,
} from './transaction/index.ts';
import type { ListeningPoint, TransportLayer, TransportName } from './transport/index.ts';
import {
  type Clock,
  contactUri,
  defaultPort,
  ExpectedPeers,
  type Flow,
  type Hop,
  hopOf,
  isIPv6Address,
  isSecure,
  systemClock,
  transportOf,
  usualTransport,
} from './transport/index.ts';

export interface UserAgentOptions extends IncomingOptions {
  /** Owned by the user agent from here on: its close() closes it. */
  readonly transport: TransportLayer;
  /** Host part of our From, such as `sip.example.com`; the advertised address of the first transport when absent. */
  readonly domain?: string;
  /** Key of what tells our Call-IDs from others'; drawn when absent, and then calls of the process before are not known. */
  readonly callIdKey?: Buffer;
  readonly timers?: Partial<TimerValues>;
  readonly sessionTimer?: SessionTimerPolicy;
  readonly limits?: Partial<TransactionLimits>;
  /** Whether what comes waits until `hear`; so no peer is told of a dialog that it does not exist before it is taken up. */
  readonly waits?: boolean;
  readonly clock?: Clock;
  /** From 0 to below 1, for back-off. */
  readonly random?: () => number;
  /** Text for tags, branches and Call-IDs; drawn by the system unless given, as it must not be guessed. */
  readonly drawToken?: DrawToken;
  /** The machine's DNS unless given. */
  readonly resolver?: SipResolver;
  /** Where requests are not sent; all addresses may be reached when absent. */
  readonly refuses?: ReachPolicy;
}

/** Sessions above transactions above a transport layer (RFC 3261). */
export const createUserAgent = (options: UserAgentOptions): UserAgent => new TandemUserAgent(options);

class TandemUserAgent implements UserAgent, SessionHost, TransactionUser {
  readonly clock: Clock;
  readonly timers: TimerValues;
  readonly sessionTimer: SessionTimerPolicy;
  readonly transactions: TransactionLayer;
  readonly addresses: readonly string[];
  readonly #options: UserAgentOptions;
  readonly #transport: TransportLayer;
  readonly #domain: string;
  readonly #drawToken: DrawToken;
  readonly #callIds: OwnCallIds;
  readonly ending = new Map<string, string>();
  readonly #expected: ExpectedPeers;
  readonly #failed: FailedTargets;
  readonly #locating: LocateOptions;
  readonly #dialogs = new Dialogs();
  readonly #incoming: IncomingRequests;
  #onAdmission: ((flow: Flow, to: string) => Unavailable | undefined) | undefined;
  #closed = false;

  constructor(options: UserAgentOptions) {
    const { transport } = options;
    this.#options = options;
    this.#transport = transport;
    this.#drawToken = options.drawToken ?? randomToken;
    this.clock = options.clock ?? systemClock;
    this.timers = { ...standardTimers, ...options.timers };
    this.sessionTimer = options.sessionTimer ?? standardSessionTimer;
    this.#failed = new FailedTargets(() => this.clock.now());
    const { resolver = createSipResolver(), refuses } = options;
    this.#locating = { transport, resolver, refuses, random: () => this.random() };
    this.#expected = new ExpectedPeers(transport, this.clock, patience(this.timers));
    this.addresses = transport.listening.map((point) => contactUri(point, false));
    this.#domain =
      options.domain ?? formatHost(transport.listening[0]?.advertisedAddress ?? 'anonymous.invalid');
    this.#incoming = new IncomingRequests(this, options, this.#domain, this.#drawToken);
    this.#callIds = new OwnCallIds(options.callIdKey ?? randomBytes(32), this.#domain, this.#drawToken);
    this.transactions = new TransactionLayer({
      transport,
      user: this,
      clock: this.clock,
      timers: this.timers,
      limits: { ...standardLimits, ...options.limits },
      waits: options.waits,
      drawToken: this.#drawToken,
    });
    transport.onMalformed((error, flow, request) => {
      if (flow.stranger) return;
      if (request !== undefined && request.method !== 'ACK') this.#refuseMalformed(error, flow, request);
    });
  }

  onInvite(handler: (invite: IncomingInvite) => void): void {
    this.#incoming.onInvite = handler;
  }

  onAdmission(handler: (flow: Flow, to: string) => Unavailable | undefined): void {
    this.#onAdmission = handler;
  }

  onOptions(handler: () => Unavailable | undefined): void {
    this.#incoming.onOptions = handler;
  }

  get counters(): Readonly<AgentCounters> {
    return this.#incoming.counters;
  }

  get backlog(): number {
    return this.#transport.backlog;
  }

  invite(invite: OutgoingInvite): ClientSession {
    if (this.#closed) throw new TandemError('sip.agent-closed', {});
    const { proxy } = invite;
    const hop = proxy
      ? { transport: proxy.transport, host: proxy.address, port: proxy.port }
      : targetOf(invite.uri);
    const dialog = this.#dialogTo(invite.uri, identityUri(invite.from, this.#domain), hop);
    const client = new DialogClient(this, dialog, {
      hop,
      name: invite.from === ANONYMOUS ? 'Anonymous' : invite.facts?.callerName,
      credentials: boundTo(invite.credentials, hop),
      trunk: invite.trunk,
    });
    const session = new OutgoingSession(this, invite.id, client, {
      sdp: invite.sdp,
      timeout: invite.timeout,
      headers: [...factFields(invite, this.#domain), ...(invite.headers ?? [])],
      maxForwards: invite.facts?.maxForwards,
    });
    // The caller hears of what happens to the INVITE even when it happens at once.
    queueMicrotask(() => session.start());
    return session;
  }

  async ask(uri: string, trunk?: string): Promise<number> {
    if (this.#closed) throw new TandemError('sip.agent-closed', {});
    const { promise, resolve } = Promise.withResolvers<number>();
    const hop = targetOf(uri);
    const client = new DialogClient(this, this.#dialogTo(uri, `sip:${this.#domain}`, hop), { hop, trunk });
    client.request(
      'OPTIONS',
      { headers: [['Accept', 'application/sdp']] },
      {
        onResponse: ({ status }) => {
          if (status >= 200) resolve(status);
        },
        onFailure: (cause) => resolve(cause === 'timeout' ? 408 : 503),
      },
    );
    return promise;
  }

  /** The dialog that a request of ours to somebody new would make, as far as that is known. @throws sip.no-transport */
  #dialogTo(uri: string, localUri: string, hop: Hop): Dialog {
    const usual = this.#transport.listening.find((point) => point.transport === usualTransport.name);
    const transport =
      hop.transport ?? (usual ?? this.#transport.listening[0])?.transport ?? usualTransport.name;
    const localTag = this.#drawToken();
    return {
      callId: this.#callIds.create(localTag),
      localTag,
      remoteTag: '',
      localUri,
      remoteUri: uri,
      remoteTarget: uri,
      routeSet: [],
      localSeq: 0,
      remoteSeq: 0,
      transport,
      peerAddress: hop.host,
      peerPort: hop.port ?? defaultPort(transport),
      localContact: this.#contact(transport, isSecure(uri)),
    };
  }

  restore(id: string, dialog: Dialog, more: TakenUp = { outbound: false }): DialogSession {
    if (this.#closed) throw new TandemError('sip.agent-closed', {});
    // What has our address is ours again; another gateway, or one whose address is new, names its own.
    const secure = isSecure(dialog.localContact);
    const isOurs = this.#transport.listening.some(
      (point) => contactUri(point, secure) === dialog.localContact,
    );
    const localContact = isOurs
      ? dialog.localContact
      : this.#contact(dialog.transport, secure, dialog.peerAddress);
    const client = new DialogClient(
      this,
      { ...dialog, localContact },
      {
        // Of a call of ours To says whom it was sent to (RFC 3261, section 8.1.1.2); of others we have no credentials.
        credentials: more.outbound ? boundTo(more.credentials, hopOf(dialog.remoteUri)) : undefined,
      },
    );
    const session = new RestoredSession(this, id, client, more);
    // The peer may speak first; one that is named by a name is heard when we have spoken to it.
    this.#expected.expect(dialog.localTag, dialog.peerAddress, true);
    if (more.unacknowledged !== undefined)
      session.answerAgain(this.#takeUpInvite(dialog, more.unacknowledged), more.local);
    return session;
  }

  refuse(dialog: Dialog, via: string, status: number, reason?: string): void {
    if (this.#closed) throw new TandemError('sip.agent-closed', {});
    this.#takeUpInvite(dialog, via).reply(status, { headers: reasonHeader(reason) });
  }

  withdraw(invite: { dialog: Dialog; via: string }, reason?: string): void {
    if (this.#closed) throw new TandemError('sip.agent-closed', {});
    withdrawInvite(this, invite, reason);
  }

  /** The transaction of an INVITE that another process received, to answer it. */
  #takeUpInvite(dialog: Dialog, via: string): ServerTransaction {
    const flow = this.#transport.flowTo(dialog.transport, dialog.peerAddress, dialog.peerPort);
    const invite = buildRequest('INVITE', dialog.localUri, [
      ['Via', via],
      ...dialog.routeSet.map((route): Header => ['Record-Route', `<${route}>`]),
      ['From', `<${dialog.remoteUri}>;tag=${dialog.remoteTag}`],
      ['To', `<${dialog.localUri}>`],
      ['Call-ID', dialog.callId],
      ['CSeq', `${dialog.remoteSeq} INVITE`],
    ]);
    return this.transactions.takeUp(invite, flow);
  }

  hear(): void {
    this.transactions.hear();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#dialogs.finish();
    this.transactions.close();
    this.#expected.close();
    this.#locating.resolver.close?.();
    await this.#transport.close();
  }

  // ------------------------------------------------------------ what sessions need

  random(): number {
    return (this.#options.random ?? Math.random)();
  }

  locate(hop: Hop, addressee: Addressee, then: (flows: readonly Flow[], error?: unknown) => void): void {
    locateHop({ ...this.#locating, addressee }, hop, (flows, error) => {
      if (flows.length === 0) this.#log(`There is no way to ${hop.host}.`, error);
      if (!this.#closed) then(this.#failed.order(flows), error);
    });
  }

  failed(flow: Flow): void {
    this.#failed.add(flow);
  }

  flowOver(transport: TransportName, { remoteAddress, remotePort }: Flow): Flow | undefined {
    if (!this.#transport.listening.some((point) => point.transport === transport)) return undefined;
    try {
      const flow = this.#transport.flowTo(transport, remoteAddress, remotePort);
      return this.#failed.has(flow) ? undefined : { ...flow, connectWithin: CONNECT_INSTEAD_MS };
    } catch (error) {
      // Of that address family we have no such listener.
      if (isTandemError(error, 'sip.no-transport')) return undefined;
      throw error;
    }
  }

  expect(localTag: string, flow: Flow): void {
    this.#expected.expect(localTag, flow.remoteAddress, this.#dialogs.at(localTag) !== undefined);
  }

  viaOf(flow: Flow): string {
    const { advertisedAddress, advertisedPort } = this.#transport.listeningPointOf(flow);
    const { viaName } = transportOf(flow.transport);
    return `SIP/2.0/${viaName} ${formatHost(advertisedAddress)}:${advertisedPort};branch=${BRANCH_COOKIE}${this.#drawToken()};rport`;
  }

  contactOf(flow: Flow, secure: boolean): string {
    return contactUri(this.#transport.listeningPointOf(flow), secure);
  }

  enter(session: HostedSession): void {
    this.#dialogs.add(session);
  }

  leave(session: HostedSession): void {
    this.#dialogs.remove(session);
    this.#expected.end(session.client.dialog.localTag);
  }

  challengeLeft(why: TandemError): void {
    this.#log('A challenge was not answered.', why);
  }

  onListenerError(error: unknown): void {
    this.#log('A listener of a SIP session failed.', error);
  }

  // ------------------------------------------------------------ what transactions hand up

  onRequest(request: SipRequest, transaction: ServerTransaction): void {
    try {
      const refusal = validateRequest(request, capabilities);
      if (refusal !== undefined) {
        transaction.reply(refusal.status, { phrase: refusal.phrase, headers: refusal.headers });
      } else if (toTag(request) !== undefined) {
        const session = this.#dialogs.of(request);
        if (session === undefined) transaction.reply(481);
        else session.receive(request, transaction);
      } else if (this.#closed) transaction.reply(503);
      else this.#incoming.serve(request, transaction);
    } catch (error) {
      this.#log(`A ${request.method} could not be served.`, error);
      if (!transaction.answered) transaction.reply(500);
    }
  }

  unavailableFor(request: SipRequest, flow: Flow): Unavailable | undefined {
    return this.#closed ? undefined : this.#onAdmission?.(flow, partyOf(request.uri));
  }

  knows(request: SipRequest): boolean {
    return this.#dialogs.of(request) !== undefined;
  }

  onAck(request: SipRequest): void {
    this.#dialogs.of(request)?.receiveAck(request);
  }

  onStray(response: SipResponse, flow: Flow): void {
    const session = this.#dialogs.at(fromTag(response) ?? '');
    if (session !== undefined) session.receiveStray(response, flow);
    // Who answers nothing of ours is not to have us say anything.
    else if (!this.#closed && this.#callIds.isOurs(callId(response), fromTag(response) ?? ''))
      endStrayDialog(this, response, flow);
  }

  onSendFailed(error: unknown, flow: Flow): void {
    this.#log(`A message to ${flow.remoteAddress} could not be sent.`, error);
  }

  #refuseMalformed(error: TandemError, flow: Flow, request: SipRequest): void {
    try {
      this.transactions.refuse(request, flow, error.status);
    } catch (failure) {
      // What is so broken that not even its answer can be written is dropped.
      this.#log('A malformed request could not be refused.', failure);
    }
  }

  /** @param peer the address that it is for, when that is known: IPv4 and IPv6 have listeners of their own */
  #contact(transport: Flow['transport'], secure: boolean, peer?: string): string {
    const points = this.#transport.listening.filter((each) => each.transport === transport);
    const reachable = ({ address }: ListeningPoint): boolean =>
      peer !== undefined && isIPv6Address(address) === isIPv6Address(peer);
    const point = points.find(reachable) ?? points[0];
    if (point === undefined) throw new TandemError('sip.no-transport', { transport });
    return contactUri(point, secure);
  }

  #log(message: string, error: unknown): void {
    this.#options.log?.(message, error);
  }
}

/** @throws sip.malformed */
const targetOf = (uri: string): Hop => {
  const target = hopOf(uri);
  if (target === undefined)
    throw new TandemError('sip.malformed', { what: `${uri} is no SIP URI`, where: 'Request-URI' });
  return target;
};

/** Credentials with whom they are for: the host that a call is sent to, unless they say. */
const boundTo = (
  credentials: OutgoingInvite['credentials'],
  home: Hop | undefined,
): BoundCredentials | undefined => {
  if (credentials === undefined || credentials instanceof BoundCredentials) return credentials;
  return home === undefined ? undefined : new BoundCredentials({ ...credentials, home });
};
