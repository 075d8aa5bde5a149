import type { ServerDuplexStream } from '@grpc/grpc-js';
import { asRecorded, TandemError } from '../errors/tandem-error.ts';
import type { Position, RecordedEvent } from '../stores/event-store.ts';
import { type GatewayName, isGatewayName, sayGateway } from './gateway-name.ts';
import { decodeReport, type GatewayReport } from './gateway-report.ts';
import { decodeEvent } from './journal-codec.ts';
import { limits, PROTOCOL } from './limits.ts';
import { watchPeer } from './liveness.ts';
import { isAfter } from './position.ts';
import type {
  CommandMessage,
  FromMain,
  FromRegion,
  HelloMessage,
  JournalEvent,
  ReportMessage,
  ResultMessage,
} from './service.ts';

export type RegionStream = ServerDuplexStream<FromRegion, FromMain>;

/** Who opened a stream. */
export interface GatewayPeer extends GatewayName {
  /** The process; another one after each start. */
  readonly node: string;
  readonly version: string;
}

/** What a session needs from the main region around it. */
export interface SessionHost {
  /** Milliseconds. */
  readonly pingInterval: number;
  /** A gateway said a proper hello. `welcome` or `refuse` is to follow. */
  entered(session: LinkSession, peer: GatewayPeer): void;
  /** Journal events, in order; resolves with the position that is durable. */
  take(session: LinkSession, events: readonly RecordedEvent[]): Promise<Position>;
  /** How the gateway is now. */
  reported(session: LinkSession, report: GatewayReport): void;
  /** Whether a command waited for this result. */
  answered(session: LinkSession, result: ResultMessage): boolean;
  /** The stream is over; called once, also for one that never entered. */
  left(session: LinkSession, reason: { code: string; message: string }): void;
}

/** One stream of one gateway, as the main region sees it. */
export interface LinkSession {
  readonly peer: GatewayPeer | undefined;
  welcome(from: { main: string; node: string; version: string }, received: Position): void;
  command(command: CommandMessage): void;
  /** Ends the stream, telling the gateway why. */
  refuse(error: unknown): void;
}

/** Speaks the main region's side of the protocol on one stream. `certificate` is the client's common name. */
export function openSession(stream: RegionStream, certificate: string, host: SessionHost): LinkSession {
  let phase: 'expecting hello' | 'entering' | 'open' | 'over' = 'expecting hello';
  let peer: GatewayPeer | undefined;
  let welcomed: Position = '';
  let lastOnStream: Position = '';
  let durablePosition: Position = '';
  let ackScheduled = false;
  const unacknowledged = { events: 0, bytes: 0 };
  let idleMessages = 0;

  const name = (): string => (peer ? `Gateway ${sayGateway(peer)}` : `Region ${certificate}`);
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
    if (!gateway || !isGatewayName(gateway)) throw bad('the gateway has no name, or one of another form');
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
        gateway: sayGateway(peer!),
        events: limits.windowEvents,
        bytes: limits.windowBytes,
      });
    const events = messages.map((message) => decodeEvent(message, peer!));
    for (const { position } of events) {
      if (!isAfter(position, lastOnStream)) throw bad(`position ${position} after ${lastOnStream}`);
      lastOnStream = position;
    }
    if (!isAfter(lastOnStream, welcomed)) countIdle();
    host.take(session, events).then((durable) => {
      unacknowledged.events -= messages.length;
      unacknowledged.bytes -= bytes;
      acknowledge(durable);
    }, refuse);
  }

  function report(message: ReportMessage): void {
    countIdle();
    host.reported(session, decodeReport(message, name()));
  }

  /** Acknowledgements of one event-loop turn, and those that a slow gateway leaves no room for, become one. */
  function acknowledge(durable: Position): void {
    durablePosition = durable;
    if (ackScheduled) return;
    ackScheduled = true;
    setImmediate(flushAck);
  }

  function flushAck(): void {
    if (stream.writableNeedDrain && phase === 'open') {
      stream.once('drain', flushAck);
      return;
    }
    ackScheduled = false;
    if (phase === 'open') stream.write({ ack: { position: durablePosition } });
  }

  function countIdle(): void {
    idleMessages += 1;
    if (idleMessages > limits.idleMessages)
      throw new TandemError('link.rate-exceeded', {
        gateway: peer ? sayGateway(peer) : certificate,
        messages: limits.idleMessages,
        seconds: host.pingInterval / 1000,
      });
  }

  const session: LinkSession = {
    get peer() {
      return peer;
    },
    welcome(from, received) {
      if (phase !== 'entering') return;
      phase = 'open';
      welcomed = received;
      stream.write({ welcome: { ...from, received } });
    },
    command(command) {
      if (phase === 'open') stream.write({ command });
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
