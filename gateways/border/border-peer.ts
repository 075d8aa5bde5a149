import type { ServiceError } from '@grpc/grpc-js';
import { asRecorded, TandemError } from '@tandem/actors/errors';
import { limits, watchPeer } from '@tandem/actors/peers';
import { RoundTripEstimate } from '../peer/index.ts';
import type { BorderMessage } from './border-method.ts';

/** Version of what borders say to each other. */
export const BORDER_PROTOCOL = 1;

/** Pings that may be without an answer; what comes later measures nothing. */
const OPEN_PINGS = 8;

/** A border as it introduces itself. */
export interface BorderName {
  readonly region: string;
  readonly node: string;
  readonly version: string;
}

/** A gRPC stream of border messages, either side's. */
export interface BorderStream {
  readonly writableNeedDrain: boolean;
  write(message: BorderMessage): unknown;
  on(event: 'data', listener: (message: BorderMessage) => void): unknown;
  on(event: 'error', listener: (error: ServiceError) => void): unknown;
  on(event: 'end' | 'cancelled', listener: () => void): unknown;
}

export interface BorderSessionOptions {
  readonly own: BorderName;
  /** The region that should be at the other end, where that is known beforehand. */
  readonly expected?: string;
  /** Whether a border of this name may be there. @throws border.unknown-peer, link.identity */
  readonly check: (region: string) => void;
  /** Milliseconds. */
  readonly pingInterval: number;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  readonly onOpen: (peer: BorderName) => void;
  /** Called once. */
  readonly onOver: (reason: { code: string; message: string }) => void;
}

/** One stream between two borders; each end says who it is, pings and answers pings. */
export interface BorderSession {
  readonly measured: RoundTripEstimate;
  end(error: unknown): void;
}

export function openBorderSession(stream: BorderStream, options: BorderSessionOptions): BorderSession {
  const { own, now, pingInterval } = options;
  const measured = new RoundTripEstimate();
  const sentAt = new Map<number, number>();
  let number = 0;
  let peer: BorderName | undefined;
  let over = false;
  let messages = 0;

  const bad = (detail: string): TandemError =>
    new TandemError('link.bad-message', {
      peer: `The border of ${peer?.region ?? options.expected ?? 'a peer'}`,
      detail,
    });

  function ping(): void {
    messages = 0;
    if (peer === undefined || stream.writableNeedDrain) return;
    number = (number + 1) >>> 0;
    sentAt.set(number, now());
    if (sentAt.size > OPEN_PINGS) sentAt.delete(sentAt.keys().next().value!);
    stream.write({ ping: { number } });
  }

  const liveness = watchPeer(pingInterval, ping, () =>
    end(
      new TandemError('link.silent', {
        peer: `the border of ${peer?.region ?? options.expected ?? 'a peer'}`,
        seconds: (limits.silentIntervals * pingInterval) / 1000,
      }),
    ),
  );

  function end(error: unknown, tell = true): void {
    if (over) return;
    over = true;
    liveness.stop();
    const { code, message } = asRecorded(error);
    if (tell) stream.write({ refusal: { code, message: message.slice(0, limits.explanation) } });
    options.onOver({ code, message });
  }

  function receive(message: BorderMessage): void {
    messages += 1;
    if (messages > limits.idleMessages) throw bad('too many messages in one ping interval');
    if (message.hello) hello(message.hello);
    else if (message.refusal) refused(message.refusal.code ?? '', message.refusal.message ?? '');
    else if (peer === undefined) throw bad('the first message has to be hello');
    else if (message.ping) stream.write({ pong: { number: message.ping.number ?? 0 } });
    else if (message.pong) measure(message.pong.number ?? 0);
    else throw bad('a message of no known kind, or one that cannot be decoded');
  }

  function hello({ region, node, version, protocol }: NonNullable<BorderMessage['hello']>): void {
    if (peer) throw bad('a second hello');
    if (protocol !== BORDER_PROTOCOL)
      throw new TandemError('link.protocol', { theirs: protocol ?? 0, ours: BORDER_PROTOCOL });
    if (!region || !node || !version || Math.max(region.length, node.length, version.length) > limits.name)
      throw bad(`region, node or version empty or of more than ${limits.name} characters`);
    options.check(region);
    peer = { region, node, version };
    options.onOpen(peer);
    ping();
  }

  function refused(code: string, message: string): void {
    over = true;
    liveness.stop();
    options.onOver({ code, message });
  }

  function measure(answered: number): void {
    const sent = sentAt.get(answered);
    if (sent === undefined) return;
    sentAt.delete(answered);
    measured.push(now() - sent);
  }

  const lost = (detail: string): void =>
    end(
      new TandemError('border.peer-lost', { region: peer?.region ?? options.expected ?? 'a peer', detail }),
      false,
    );
  stream.on('data', (message) => {
    if (over) return;
    liveness.heard();
    try {
      receive(message);
    } catch (error) {
      end(error);
    }
  });
  stream.on('error', ({ details, message }) => lost(details || message));
  stream.on('end', () => lost('it ended the stream'));
  stream.on('cancelled', () => lost('it ended the stream'));
  stream.write({ hello: { ...own, protocol: BORDER_PROTOCOL } });
  return { measured, end };
}
