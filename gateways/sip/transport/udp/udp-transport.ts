import { createSocket, type RemoteInfo, type Socket, type SocketOptions } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { type Flow, isIPv6Address } from '../flow.ts';
import type { ListenerOptions, TransportListener } from '../sip-transport.ts';
import { listenError, sendError } from '../transport-errors.ts';

/** Room in the kernel for the datagrams of a busy half second, in which the process may be doing something else. */
const RECEIVE_BUFFER_BYTES = 4 * 1_048_576;

/** Datagrams that libuv reads of a socket in one turn of the event loop at most: fewer means that it is empty. */
const READ_IN_A_TURN = 32;

/** A keep-alive of RFC 5626, or of the kind that some peers send: a few empty lines or zero bytes. */
const KEEP_ALIVE_BYTES = 4;

type UdpOptions = Pick<ListenerOptions, 'address' | 'port' | 'guard' | 'counters' | 'receive'>;

/** One UDP socket that takes and sends SIP messages. Who opens it closes it. */
export class UdpTransport implements TransportListener {
  readonly address: string;
  readonly port: number;
  readonly #socket: Socket;
  readonly #options: UdpOptions;
  #closed = false;

  /** @throws sip.address-in-use, sip.cannot-listen */
  static async open(options: UdpOptions): Promise<UdpTransport> {
    const { address, port } = options;
    const socket = createSocket({
      type: isIPv6(address) ? 'udp6' : 'udp4',
      ipv6Only: isIPv6(address),
      recvBufferSize: RECEIVE_BUFFER_BYTES,
      lookup: asItIs,
    });
    try {
      // It listens at once, as there is nothing to look up.
      const listening = once(socket, 'listening');
      socket.bind(port, address);
      await listening;
    } catch (cause) {
      socket.close();
      throw listenError({ transport: 'udp', address, port }, cause);
    }
    return new UdpTransport(socket, options);
  }

  #read = 0;
  #turn: NodeJS.Immediate | undefined;
  #fullSince: number | undefined;

  private constructor(socket: Socket, options: UdpOptions) {
    this.#socket = socket;
    this.#options = options;
    this.address = options.address;
    this.port = socket.address().port;
    socket.on('message', (bytes, source) => this.#take(bytes, source));
    // One datagram that could not be received says nothing about the next; a lost one is sent again by its peer.
    socket.on('error', () => {});
  }

  /** @throws sip.transport-failed */
  send(bytes: Buffer, flow: Flow): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(sendError(flow, 'the transport is closed'));
      this.#socket.send(bytes, flow.remotePort, flow.remoteAddress, (error) =>
        error === null ? resolve() : reject(sendError(flow, error)),
      );
    });
  }

  /** Milliseconds for which the socket was never read empty: what is read now has waited for so long at most. */
  get backlog(): number {
    return this.#fullSince === undefined ? 0 : performance.now() - this.#fullSince;
  }

  #countRead(): void {
    this.#read += 1;
    this.#turn ??= setImmediate(() => {
      if (this.#read < READ_IN_A_TURN) this.#fullSince = undefined;
      else this.#fullSince ??= performance.now();
      this.#read = 0;
      this.#turn = undefined;
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearImmediate(this.#turn);
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  #take(bytes: Buffer, source: RemoteInfo): void {
    this.#countRead();
    const { guard, counters, receive } = this.#options;
    const peers = guard.peersAt(source.address);
    if (peers === undefined) {
      counters.droppedStrangers++;
    } else if (guard.takeOne(source.address, peers) > 0) {
      counters.rateLimited++;
    } else if (!isKeepAlive(bytes)) {
      receive(bytes, {
        transport: 'udp',
        localAddress: this.address,
        localPort: this.port,
        remoteAddress: source.address,
        remotePort: source.port,
        ...(peers.trunk === undefined ? { stranger: true } : { trunk: peers.trunk }),
      });
    }
  }
}

/** Flows have addresses, not names; Node would look each up, datagram by datagram, and send it a turn later. */
const asItIs: NonNullable<SocketOptions['lookup']> = (address, _options, callback) =>
  callback(null, address, isIPv6Address(address) ? 6 : 4);

const isKeepAlive = (bytes: Buffer): boolean =>
  bytes.length <= KEEP_ALIVE_BYTES && bytes.every((byte) => byte === 0x0d || byte === 0x0a || byte === 0);
