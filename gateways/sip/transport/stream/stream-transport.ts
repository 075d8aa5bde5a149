import { once } from 'node:events';
import { connect, createServer, isIP, type Server, type Socket } from 'node:net';
import {
  connect as connectTls,
  createSecureContext,
  createServer as createTlsServer,
  type SecureContext,
  type Server as TlsServer,
} from 'node:tls';
import { isNativeError } from 'node:util/types';
import { MAX_CONNECTIONS, MAX_CONNECTIONS_PER_SOURCE } from '../../message/index.ts';
import { type Flow, isWildcard, type TransportName } from '../flow.ts';
import { STRANGERS } from '../peer-guard.ts';
import type { ListenerOptions, TransportListener } from '../sip-transport.ts';
import { listenError, sendError } from '../transport-errors.ts';
import { checkSipIdentity } from './sip-identity.ts';
import { StreamConnection } from './stream-connection.ts';

/** One TCP or TLS listening socket and the connections, inbound and outbound, that belong to it. */
export class StreamTransport implements TransportListener {
  readonly transport: TransportName;
  readonly address: string;
  readonly port: number;
  readonly #server: Server;
  readonly #tlsServer: TlsServer | undefined;
  /** For the connections that we open: the authorities are read once. */
  readonly #secureContext: SecureContext | undefined;
  readonly #options: ListenerOptions;
  /** Every socket, also those that are not ready for messages yet. */
  readonly #sockets = new Set<Socket>();
  /** How many of them each peer has opened. */
  readonly #inbound = new Map<string, number>();
  /** Connections that carry messages, by remote address and port, and by the name that the peer has shown to be its. */
  readonly #connections = new Map<string, StreamConnection>();
  readonly #opening = new Map<string, Promise<StreamConnection>>();
  #closed = false;
  /** TCP slows a peer down that sends more than is read. */
  readonly backlog = 0;

  /** Over TLS when the options have that. @throws sip.address-in-use, sip.cannot-listen */
  static async open(transport: TransportName, options: ListenerOptions): Promise<StreamTransport> {
    const { address, port } = options;
    const server = createServer();
    try {
      const tlsServer =
        options.tls &&
        createTlsServer({ ...options.tls, minVersion: 'TLSv1.2', handshakeTimeout: options.times.connectMs });
      server.listen({ port, host: address, ipv6Only: true });
      await once(server, 'listening');
      const context = options.tls && createSecureContext({ ...options.tls, minVersion: 'TLSv1.2' });
      return new StreamTransport(transport, server, tlsServer, context, options);
    } catch (cause) {
      server.close();
      throw listenError({ transport, address, port }, cause);
    }
  }

  private constructor(
    transport: TransportName,
    server: Server,
    tlsServer: TlsServer | undefined,
    context: SecureContext | undefined,
    options: ListenerOptions,
  ) {
    this.#server = server;
    this.#tlsServer = tlsServer;
    this.#secureContext = context;
    this.#options = options;
    this.transport = transport;
    this.address = options.address;
    const bound = server.address();
    this.port = bound !== null && typeof bound === 'object' ? bound.port : options.port;
    server.on('connection', (socket) => this.#accept(socket));
    // A connection that could not be accepted, for want of file descriptors say, tells nothing about the next one.
    server.on('error', () => {});
    tlsServer?.on('secureConnection', (socket) => this.#acceptReady(socket));
    tlsServer?.on('tlsClientError', (_, socket) => socket.destroy());
  }

  /** @throws sip.transport-failed */
  async send(bytes: Buffer, flow: Flow): Promise<void> {
    const connection = this.#connections.get(this.#keyOf(flow)) ?? (await this.#open(flow));
    await connection.send(bytes);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy(new Error('the transport is closed'));
    await closed;
  }

  /** Strangers are let go before a byte of theirs is read or, with TLS, the handshake begins. */
  #accept(socket: Socket): void {
    const { guard, counters } = this.#options;
    const source = socket.remoteAddress;
    // The peer can have gone before it was accepted.
    if (source === undefined || guard.peersAt(source) === undefined) {
      if (source !== undefined) counters.droppedStrangers++;
      socket.destroy();
      return;
    }
    const count = this.#inbound.get(source) ?? 0;
    if (count >= MAX_CONNECTIONS_PER_SOURCE || this.#sockets.size >= MAX_CONNECTIONS) {
      counters.refusedConnections++;
      socket.destroy();
      return;
    }
    this.#inbound.set(source, count + 1);
    this.#track(socket);
    socket.on('close', () => {
      const left = this.#inbound.get(source)! - 1;
      if (left === 0) this.#inbound.delete(source);
      else this.#inbound.set(source, left);
    });
    if (this.#tlsServer) this.#tlsServer.emit('connection', socket);
    else this.#acceptReady(socket);
  }

  #acceptReady(socket: Socket): void {
    const peers = this.#options.guard.peersAt(socket.remoteAddress ?? '');
    // The peer can have gone while the handshake was on.
    if (peers === undefined) socket.destroy();
    else this.#connect(socket, { trunk: peers.trunk, accepted: true });
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
  }

  #connect(
    socket: Socket,
    { trunk, name, accepted }: Pick<Flow, 'trunk' | 'name' | 'accepted'>,
  ): StreamConnection {
    const { guard, counters, times, receive, broken, closed } = this.#options;
    const peers = guard.peersAt(socket.remoteAddress!) ?? STRANGERS;
    const flow: Flow = {
      transport: this.transport,
      localAddress: socket.localAddress!,
      localPort: socket.localPort!,
      remoteAddress: socket.remoteAddress!,
      remotePort: socket.remotePort!,
      ...(name === undefined ? {} : { name }),
      ...(trunk === undefined ? {} : { trunk }),
      ...(accepted ? { accepted } : {}),
      ...(peers.trunk === undefined ? { stranger: true } : {}),
    };
    const takeOne = () => {
      const wait = guard.takeOne(flow.remoteAddress, peers);
      if (wait > 0) counters.rateLimited++;
      return wait;
    };
    const { idleMs, completionMs } = times;
    const connection = new StreamConnection(socket, { flow, receive, broken, takeOne, idleMs, completionMs });
    // Who wants no name in particular may have it, too, as what follows in a call is sent to an address.
    const keys = new Set([this.#keyOf(flow), this.#keyOf({ ...flow, name: undefined })]);
    for (const key of keys) this.#connections.set(key, connection);
    socket.on('close', () => {
      for (const key of keys) if (this.#connections.get(key) === connection) this.#connections.delete(key);
      if (!this.#closed) closed(flow);
    });
    return connection;
  }

  /** Opens the connection of a flow once, however many messages wait for it. */
  #open(flow: Flow): Promise<StreamConnection> {
    const key = this.#keyOf(flow);
    const opening = this.#opening.get(key);
    if (opening !== undefined) return opening;
    const opened = this.#openSocket(flow).finally(() => this.#opening.delete(key));
    this.#opening.set(key, opened);
    return opened;
  }

  async #openSocket(flow: Flow): Promise<StreamConnection> {
    if (this.#closed) throw sendError(flow, 'the transport is closed');
    // A peer's own connection came from a port on which it does not listen.
    if (flow.accepted) throw sendError(flow, 'the peer has closed its connection');
    if (this.#sockets.size >= MAX_CONNECTIONS) throw sendError(flow, 'too many connections are open');
    const { guard, times } = this.#options;
    const connectMs = flow.connectWithin ?? times.connectMs;
    const secureContext = this.#secureContext;
    const target = {
      host: flow.remoteAddress,
      port: flow.remotePort,
      localAddress: isWildcard(this.address) ? undefined : this.address,
    };
    const name = flow.name ?? guard.peersAt(flow.remoteAddress)?.tlsServerName;
    const servername = name !== undefined && isIP(name) === 0 ? name : undefined;
    const socket = secureContext
      ? connectTls({ ...target, secureContext, servername, checkServerIdentity: checkSipIdentity })
      : connect(target);
    this.#track(socket);
    try {
      await once(socket, secureContext ? 'secureConnect' : 'connect', {
        signal: AbortSignal.timeout(connectMs),
      });
    } catch (cause) {
      socket.destroy();
      const late = isNativeError(cause) && cause.name === 'AbortError';
      throw sendError(flow, late ? `there was no connection after ${connectMs} ms` : cause);
    }
    return this.#connect(socket, { name: flow.name });
  }

  #keyOf({ remoteAddress, remotePort, name }: Flow): string {
    return this.#secureContext !== undefined && name !== undefined
      ? `${remoteAddress} ${remotePort} ${name.toLowerCase()}`
      : `${remoteAddress} ${remotePort}`;
  }
}
