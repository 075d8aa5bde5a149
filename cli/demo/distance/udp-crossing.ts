import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { clock } from './clock.ts';
import type { DelayQueue } from './delay-queue.ts';
import type { LinkDirection } from './direction.ts';

export interface UdpCrossingOptions {
  readonly sender: string;
  /** Address of the receiver, as it is, and as the sender sees it. */
  readonly receiver: string;
  readonly receiverSeen: string;
  readonly direction: LinkDirection;
  readonly queue: DelayQueue;
  /** The way back, through whose sockets packets go out, so that the receiver sees them come from where it sends to. */
  readonly back: () => UdpCrossing;
}

/** Ports that are opened for senders that nobody announced; packets from more are dropped. */
const MOST_UNANNOUNCED = 256;
/** Milliseconds without a packet after which such a port is closed. */
const IDLE = 60_000;
/** Bytes under way at once in one direction; more are dropped, as a full router does. */
const MOST_UNDER_WAY = 16 * 1024 * 1024;

interface Port {
  readonly socket: Socket;
  announced: boolean;
  /** When the last packet to this port arrives. */
  lastDue: number;
  lastUsed: number;
}

/**
 * One direction of UDP between two regions. A packet that arrives for a port of the receiver's is sent on to that
 * port, from the sender's own port at the address at which the receiver sees the sender: who compares sources
 * exactly, as mediasoup's pipe transports do, is content. Ports at which packets are awaited have to be announced.
 */
export class UdpCrossing {
  readonly #options: UdpCrossingOptions;
  readonly #ports = new Map<number, Port>();
  #unannounced = 0;
  #bytes = 0;

  constructor(options: UdpCrossingOptions) {
    this.#options = options;
  }

  get ports(): number {
    return this.#ports.size;
  }

  /** Has a port of the receiver's reached. Resolves when it is. */
  async announce(port: number): Promise<void> {
    const known = this.#ports.get(port);
    if (known) {
      if (!known.announced) this.#unannounced--;
      known.announced = true;
      return;
    }
    await once(this.#bind(port, true).socket, 'listening');
  }

  async close(): Promise<void> {
    await Promise.all([...this.#ports.keys()].map((port) => this.#unbind(port)));
  }

  #bind(number: number, announced: boolean): Port {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1024 * 1024 });
    const port = { socket, announced, lastDue: 0, lastUsed: clock.now() };
    this.#ports.set(number, port);
    if (!announced) {
      this.#unannounced++;
      socket.on('error', () => void this.#unbind(number));
    }
    socket.on('message', (packet, from) => this.#pass(number, port, packet, from));
    socket.bind({ port: number, address: this.#options.receiverSeen, exclusive: true });
    return port;
  }

  async #unbind(number: number): Promise<void> {
    const port = this.#ports.get(number);
    if (!port || !this.#ports.delete(number)) return;
    if (!port.announced) this.#unannounced--;
    const closed = once(port.socket, 'close');
    port.socket.close();
    await closed;
  }

  #pass(number: number, port: Port, packet: Buffer, from: RemoteInfo): void {
    const { sender, receiver, direction, queue, back } = this.#options;
    port.lastUsed = clock.now();
    const isStray = from.address !== sender;
    if (isStray || direction.cut || direction.loses() || this.#bytes + packet.length > MOST_UNDER_WAY) {
      direction.countLost();
      return;
    }
    let due = clock.now() + direction.delay();
    if (!direction.conditions.reorder) due = Math.max(due, port.lastDue);
    port.lastDue = due;
    this.#bytes += packet.length;
    queue.at(due, () => {
      this.#bytes -= packet.length;
      const way = direction.cut ? undefined : back().#wayOut(from.port);
      if (!way) return direction.countLost();
      direction.countPacket(packet.length);
      way.send(packet, number, receiver, () => {});
    });
  }

  /** The socket from which packets of this port's owner go out. */
  #wayOut(number: number): Socket | undefined {
    const known = this.#ports.get(number);
    if (known) {
      known.lastUsed = clock.now();
      return known.socket;
    }
    if (this.#unannounced >= MOST_UNANNOUNCED) this.#closeIdle();
    return this.#unannounced < MOST_UNANNOUNCED ? this.#bind(number, false).socket : undefined;
  }

  #closeIdle(): void {
    const before = clock.now() - IDLE;
    for (const [number, { announced, lastUsed }] of this.#ports)
      if (!announced && lastUsed < before) void this.#unbind(number);
  }
}
