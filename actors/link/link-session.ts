import type { ServerDuplexStream } from '@grpc/grpc-js';
import { asRecorded, TandemError } from '../errors/index.ts';
import { formatGateway, type GatewayId, isGatewayId } from '../names/index.ts';
import { checkGateway, limits, PATIENCE, PROTOCOL, watchPeer } from '../peers/index.ts';
import type { RecordedEvent } from '../stores/event-store/index.ts';
import { checkFeatures, FEATURES } from './features.ts';
import { decodeReport, type GatewayReport } from './gateway-report.ts';
import { decodeEvent } from './journal-codec.ts';
import type {
  AdoptedCallMessage,
  CommandMessage,
  FromMain,
  FromRegion,
  HeldLegMessage,
  HelloMessage,
  JournalEvent,
  OwnerMessage,
  ReportMessage,
  ResultMessage,
  TakenMessage,
} from './service.ts';

export type RegionStream = ServerDuplexStream<FromRegion, FromMain>;

/** Who opened a stream. */
export interface GatewayPeer extends GatewayId {
  /** The process; another one after each start. */
  readonly node: string;
  readonly version: string;
}

/** What a session needs from the main region around it. */
export interface LinkSessionHost {
  /** Milliseconds. */
  readonly pingInterval: number;
  /** A gateway said a proper hello. `welcome` or `refuse` is to follow. */
  entered(session: LinkSession, peer: GatewayPeer): void;
  /** Journal events, in order; resolves when they and all before them are dealt with. */
  take(session: LinkSession, events: readonly RecordedEvent[]): Promise<void>;
  /** Calls that are to go on at this router. */
  adopt(session: LinkSession, calls: readonly AdoptedCall[]): Promise<void>;
  /** Of legs that the gateway has, those that are not its own any more. */
  taken(session: LinkSession, legs: readonly HeldLeg[]): Promise<string[]>;
  /** How the gateway is now. */
  reported(session: LinkSession, report: GatewayReport): void;
  /** Whether a command waited for this result. */
  answered(session: LinkSession, result: ResultMessage): boolean;
  /** The stream is over; called once, also for one that never entered. */
  left(session: LinkSession, reason: { code: string; message: string }): void;
}

/** A call that a gateway gives to this router, and the router that had it as far as is known there. */
export interface AdoptedCall {
  readonly callSid: string;
  readonly from: string;
}

/** A leg that a gateway has, of a call that it takes to be this router's. */
export interface HeldLeg {
  readonly callSid: string;
  readonly legId: string;
}

/** One stream of one gateway, as the main region sees it. */
export interface LinkSession {
  readonly peer: GatewayPeer | undefined;
  welcome(from: { main: string; router: string; node: string; version: string }): void;
  command(command: CommandMessage): void;
  /** Says which router has a call. */
  owner(owner: OwnerMessage): void;
  /** Says which legs are not the gateway's any more. */
  taken(taken: TakenMessage): void;
  /** Ends the stream, telling the gateway why. */
  refuse(error: unknown): void;
}

/**
 * Speaks the main region's side of the protocol on one stream. `certificate` is the client's common name, `gateways` those
 * that the certificate names.
 */
export function openSession(
  stream: RegionStream,
  certificate: string,
  host: LinkSessionHost,
  gateways: readonly string[] = [],
): LinkSession {
  let phase: 'expecting hello' | 'entering' | 'open' | 'over' = 'expecting hello';
  let peer: GatewayPeer | undefined;
  /** Journal messages of this stream that are dealt with. */
  let messagesDone = 0;
  let adopting = 0;
  let asking = 0;
  let ack: NodeJS.Timeout | undefined;
  let draining = false;
  const unacknowledged = { events: 0, bytes: 0 };
  let idleMessages = 0;

  const name = (): string => (peer ? `Gateway ${formatGateway(peer)}` : `Region ${certificate}`);
  const bad = (detail: string): TandemError => new TandemError('link.bad-message', { peer: name(), detail });

  const liveness = watchPeer(
    host.pingInterval,
    () => {
      idleMessages = 0;
      if (!stream.writableNeedDrain) stream.write({ ping: { time: Date.now() } });
    },
    () =>
      refuse(
        new TandemError('link.silent', {
          peer: name(),
          seconds: (limits.silentIntervals * host.pingInterval) / 1000,
        }),
      ),
  );

  function over(reason: { code: string; message: string }): void {
    if (phase === 'over') return;
    flushAck();
    phase = 'over';
    liveness.stop();
    stream.end();
    host.left(session, reason);
  }

  function refuse(error: unknown): void {
    if (phase === 'over') return;
    const { code, message } = asRecorded(error);
    stream.write({ refusal: { code, message: message.slice(0, limits.explanation) } });
    over({ code, message });
  }

  function receive(message: FromRegion): void {
    if (message.hello) hello(message.hello);
    else if (phase === 'expecting hello') throw bad('the first message has to be hello');
    else if (message.ping) countIdle();
    else if (phase !== 'open') throw bad('only pings may come between hello and welcome');
    else if (message.journal) journal(message.journal.events ?? []);
    else if (message.report) report(message.report);
    else if (message.adopt) adopt(message.adopt.calls ?? []);
    else if (message.held) held(message.held.legs ?? []);
    else if (!message.result) throw bad('a message of no known kind, or one that cannot be decoded');
    else if (!host.answered(session, message.result)) countIdle();
  }

  function hello(message: HelloMessage): void {
    if (phase !== 'expecting hello') throw bad('a second hello');
    const { protocol, region, gateway, node, version } = message;
    if (protocol !== PROTOCOL)
      throw new TandemError('link.protocol', { theirs: protocol ?? 0, ours: PROTOCOL });
    if (!region || region !== certificate)
      throw new TandemError('link.identity', {
        claimed: JSON.stringify((region ?? '').slice(0, limits.name)),
        certificate: JSON.stringify(certificate),
      });
    if (!node || !version || Math.max(node.length, version.length) > limits.name)
      throw bad(`node or version empty or of more than ${limits.name} characters`);
    if (!gateway || !isGatewayId(gateway)) throw bad('the gateway has no name, or one of another form');
    checkGateway(gateways, formatGateway({ region, gateway }));
    checkFeatures(message.required, `Gateway ${region}/${gateway}`);
    phase = 'entering';
    peer = { region, gateway, node, version };
    host.entered(session, peer);
  }

  function journal(messages: readonly JournalEvent[]): void {
    if (messages.length === 0 || messages.length > limits.batchEvents)
      throw bad(`${messages.length} events in one message, not 1 to ${limits.batchEvents}`);
    const bytes = messages.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
    if (bytes > (messages.length === 1 ? limits.eventBytes : limits.batchBytes))
      throw bad(`${bytes} bytes of data in a message of ${messages.length} events`);
    unacknowledged.events += messages.length;
    unacknowledged.bytes += bytes;
    if (unacknowledged.events > limits.windowEvents || unacknowledged.bytes > limits.windowBytes)
      throw new TandemError('link.window-exceeded', {
        gateway: formatGateway(peer!),
        events: limits.windowEvents,
        bytes: limits.windowBytes,
      });
    const events = messages.map((message) => decodeEvent(message, peer!));
    host.take(session, events).then(() => {
      unacknowledged.events -= messages.length;
      unacknowledged.bytes -= bytes;
      messagesDone += 1;
      acknowledge();
    }, refuse);
  }

  function adopt(calls: readonly AdoptedCallMessage[]): void {
    if (calls.length === 0 || calls.length > limits.adoptedCalls)
      throw bad(`${calls.length} calls to adopt in one message, not 1 to ${limits.adoptedCalls}`);
    const adopted = calls.map(({ callSid, from }) => ({ callSid: callSid ?? '', from: from ?? '' }));
    for (const { callSid, from } of adopted)
      if (callSid === '' || Math.max(callSid.length, from.length) > limits.name)
        throw bad('a call to adopt without a sid, or with a name that is too long');
    adopting += calls.length;
    if (adopting > limits.adopting) throw bad(`more than ${limits.adopting} calls to adopt at a time`);
    host.adopt(session, adopted).then(() => {
      adopting -= calls.length;
    }, refuse);
  }

  function held(messages: readonly HeldLegMessage[]): void {
    if (messages.length === 0 || messages.length > limits.heldLegs)
      throw bad(`${messages.length} legs asked about in one message, not 1 to ${limits.heldLegs}`);
    const legs = messages.map(({ callSid, legId }) => ({ callSid: callSid ?? '', legId: legId ?? '' }));
    for (const { callSid, legId } of legs)
      if (!callSid || !legId || Math.max(callSid.length, legId.length) > limits.name)
        throw bad('a leg asked about without an id or its call’s, or with one that is too long');
    asking += legs.length;
    if (asking > limits.asking) throw bad(`more than ${limits.asking} legs asked about at a time`);
    host.taken(session, legs).then((legIds) => {
      asking -= legs.length;
      const gone = new Set(legIds);
      session.taken({ legIds, kept: legs.map(({ legId }) => legId).filter((legId) => !gone.has(legId)) });
    }, refuse);
  }

  function report(message: ReportMessage): void {
    countIdle();
    host.reported(session, decodeReport(message, name()));
  }

  /**
   * Nobody waits for an acknowledgement: those of some milliseconds become one, which goes with a command if there is
   * one, and waits longer while a slow gateway leaves no room for it.
   */
  function acknowledge(): void {
    if (phase === 'open') ack ??= setTimeout(flushAck, PATIENCE);
  }

  function flushAck(): void {
    if (ack === undefined || phase !== 'open') return;
    clearTimeout(ack);
    ack = undefined;
    if (!stream.writableNeedDrain) stream.write({ ack: { messages: messagesDone } });
    else if (!draining) {
      draining = true;
      stream.once('drain', () => {
        draining = false;
        acknowledge();
      });
    }
  }

  function countIdle(): void {
    idleMessages += 1;
    if (idleMessages > limits.idleMessages)
      throw new TandemError('link.rate-exceeded', {
        gateway: peer ? formatGateway(peer) : certificate,
        messages: limits.idleMessages,
        seconds: host.pingInterval / 1000,
      });
  }

  const session: LinkSession = {
    get peer() {
      return peer;
    },
    welcome(from) {
      if (phase !== 'entering') return;
      phase = 'open';
      stream.write({ welcome: { ...from, supported: [...FEATURES] } });
    },
    command(command) {
      if (phase !== 'open') return;
      flushAck();
      stream.write({ command });
    },
    owner(owner) {
      if (phase === 'open') stream.write({ owner });
    },
    taken(taken) {
      if (phase === 'open') stream.write({ taken });
    },
    refuse,
  };

  stream.on('data', (message: FromRegion) => {
    if (phase === 'over') return;
    liveness.heard();
    try {
      receive(message);
    } catch (error) {
      refuse(error);
    }
  });
  const gone = (): void => over({ code: 'link.lost', message: `${name()} ended its stream.` });
  stream.on('end', gone);
  stream.on('cancelled', gone);
  stream.on('error', gone);

  return session;
}
