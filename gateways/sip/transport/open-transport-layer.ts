import type { SecureContextOptions } from 'node:tls';
import { isTandemError, TandemError } from '@tandem/actors/errors';
import type { SipMessage, SipRequest } from '../message/index.ts';
import {
  CONNECT_MS,
  CONNECTION_IDLE_MS,
  checkMessage,
  MESSAGE_COMPLETION_MS,
  parseMessage,
  serializeMessage,
} from '../message/index.ts';
import { type Flow, isIPv6Address, isWildcard, type TransportName } from './flow.ts';
import { PeerGuard, type TrunkPeers } from './peer-guard.ts';
import { stampReceived } from './response-flow.ts';
import type { ConnectionTimes, TransportListener } from './sip-transport.ts';
import type { ListeningPoint, TransportCounters, TransportLayer } from './transport-layer.ts';
import { transportOf } from './transports.ts';

export interface ListenOptions {
  readonly transport: TransportName;
  /** IP address of this machine, or `0.0.0.0` or `::` for all of its addresses of that family. */
  readonly address: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** What peers reach it by, when that is not `address`: the outside of a NAT; must be given when `address` is for all. */
  readonly advertisedAddress?: string;
  /** Likewise; the bound port unless given. */
  readonly advertisedPort?: number;
}

export interface TransportLayerOptions {
  readonly listen: readonly ListenOptions[];
  /** The only peers that are heard, but for those that are expected because we have called them. */
  readonly peers: readonly TrunkPeers[];
  /**
   * Own key and certificate (PEM), which a peer that asks for one is shown, too, when we connect to it, and the
   * authorities whose certificates count, Node's unless given. Needed to listen on a secure transport.
   */
  readonly tls?: SecureContextOptions;
  readonly times?: Partial<ConnectionTimes>;
  /** Milliseconds on a clock that never goes back, for the rates of peers. */
  readonly now?: () => number;
}

/**
 * Opens all sockets, or none.
 * @throws sip.address-in-use, sip.cannot-listen, sip.bad-peer-address
 */
export const openTransportLayer = async (options: TransportLayerOptions): Promise<TransportLayer> => {
  const layer = new SocketTransportLayer(options);
  try {
    for (const listen of options.listen) await layer.open(listen);
    return layer;
  } catch (error) {
    await layer.close();
    throw error;
  }
};

class SocketTransportLayer implements TransportLayer {
  readonly listening: ListeningPoint[] = [];
  readonly counters: TransportCounters = {
    received: 0,
    sent: 0,
    droppedStrangers: 0,
    rateLimited: 0,
    malformed: 0,
    ignoredFields: 0,
    refusedConnections: 0,
  };
  readonly #options: TransportLayerOptions;
  readonly #guard: PeerGuard;
  readonly #listeners = new Map<ListeningPoint, TransportListener>();
  #messageHandler: Parameters<TransportLayer['onMessage']>[0] = () => {};
  #malformedHandler: Parameters<TransportLayer['onMalformed']>[0] = () => {};
  #flowClosedHandler: Parameters<TransportLayer['onFlowClosed']>[0] = () => {};

  constructor(options: TransportLayerOptions) {
    this.#options = options;
    this.#guard = new PeerGuard(options.peers, options.now);
  }

  async open(listen: ListenOptions): Promise<void> {
    const { transport, address, port, advertisedAddress } = listen;
    const refuse = (detail: string) =>
      new TandemError('sip.cannot-listen', { transport, address, port, detail });
    if (isWildcard(address) && advertisedAddress === undefined) {
      throw refuse('it is for all addresses, so advertisedAddress must say by which one peers reach it');
    }
    if (transportOf(transport).isSecure && this.#options.tls === undefined)
      throw refuse('there is no certificate and key');
    const opened = await this.#openSocket(listen);
    const point: ListeningPoint = {
      transport,
      address,
      port: opened.port,
      advertisedAddress: advertisedAddress ?? address,
      advertisedPort: listen.advertisedPort ?? opened.port,
    };
    this.listening.push(point);
    this.#listeners.set(point, opened);
  }

  get backlog(): number {
    let longest = 0;
    for (const { backlog } of this.#listeners.values()) longest = Math.max(longest, backlog);
    return longest;
  }

  onMessage(handler: (message: SipMessage, flow: Flow) => void): void {
    this.#messageHandler = handler;
  }

  onMalformed(handler: (error: TandemError, flow: Flow, request?: SipRequest) => void): void {
    this.#malformedHandler = handler;
  }

  onFlowClosed(handler: (flow: Flow) => void): void {
    this.#flowClosedHandler = handler;
  }

  flowTo(transport: TransportName, address: string, port: number): Flow {
    const point = this.#pointFor(transport, address);
    return {
      transport,
      localAddress: point.address,
      localPort: point.port,
      remoteAddress: address,
      remotePort: port,
    };
  }

  expect(address: string): (() => void) | undefined {
    return this.#guard.expect(address);
  }

  listeningPointOf(flow: Flow): ListeningPoint {
    return this.#pointFor(flow.transport, flow.remoteAddress, flow);
  }

  async send(message: SipMessage, flow: Flow): Promise<void> {
    await this.#listeners.get(this.listeningPointOf(flow))!.send(serializeMessage(message), flow);
    this.counters.sent++;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#listeners.values()].map((listener) => listener.close()));
  }

  #openSocket({ transport, address, port }: ListenOptions): Promise<TransportListener> {
    return transportOf(transport).listen({
      address,
      port,
      guard: this.#guard,
      counters: this.counters,
      tls: this.#options.tls,
      times: {
        idleMs: CONNECTION_IDLE_MS,
        completionMs: MESSAGE_COMPLETION_MS,
        connectMs: CONNECT_MS,
        ...this.#options.times,
      },
      receive: (bytes, flow) => this.#receive(bytes, flow),
      broken: (error, flow) => this.#refuse(error, flow),
      closed: (flow) => this.#flowClosedHandler(flow),
    });
  }

  #receive(bytes: Buffer, flow: Flow): TandemError | undefined {
    const parsed = parseMessage(bytes);
    if ('error' in parsed) return this.#refuse(parsed.error, flow, parsed.request);
    const { message } = parsed;
    const error = checkMessage(message, () => {
      this.counters.ignoredFields++;
    });
    if (error !== undefined)
      return this.#refuse(error, flow, message.kind === 'request' ? message : undefined);
    if (message.kind === 'request') stampReceived(message, flow);
    this.counters.received++;
    try {
      this.#messageHandler(message, flow);
      return undefined;
    } catch (refusal) {
      if (!isTandemError(refusal, 'sip.malformed')) throw refusal;
      return this.#refuse(refusal, flow, message.kind === 'request' ? message : undefined);
    }
  }

  #refuse(error: TandemError, flow: Flow, request?: SipRequest): TandemError {
    this.counters.malformed++;
    this.#malformedHandler(error, flow, request && isAnswerable(request, flow) ? request : undefined);
    return error;
  }

  /** The listening point at a local address and port, else at the port, else the first that can reach the address. */
  #pointFor(transport: TransportName, address: string, local?: Flow): ListeningPoint {
    const v6 = isIPv6Address(address);
    let first: ListeningPoint | undefined;
    let samePort: ListeningPoint | undefined;
    for (const point of this.listening) {
      if (point.transport !== transport || isIPv6Address(point.address) !== v6) continue;
      if (point.port === local?.localPort) {
        if (point.address === local.localAddress) return point;
        samePort ??= point;
      }
      first ??= point;
    }
    if (first === undefined) throw new TandemError('sip.no-transport', { transport });
    return samePort ?? first;
  }
}

/** Whether a malformed request at least says where its answer goes. */
const isAnswerable = (request: SipRequest, flow: Flow): boolean => {
  try {
    stampReceived(request, flow);
    return true;
  } catch (error) {
    if (isTandemError(error, 'sip.malformed')) return false;
    throw error;
  }
};
