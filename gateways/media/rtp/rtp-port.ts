import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Source } from './source-latch.ts';

/** Bytes the kernel keeps for us while the thread is busy. */
const RECEIVE_BUFFER = 256 * 1024;
/** Packets that may wait in a socket before more are dropped: late audio is worth nothing. */
const MAX_WAITING = 20;

export interface RtpPortHandler {
  /** `arrivedOn` says which of the two sockets it was. */
  received(packet: Uint8Array, source: Source, arrivedOn: 'rtp' | 'rtcp'): void;
}

/** Addresses are numbers here, never names; so Node need not ask, and binding and sending do not wait. */
const asIs = (
  address: string,
  _family: unknown,
  done: (error: null, address: string, family: number) => void,
) => done(null, address, isIPv6(address) ? 6 : 4);

/**
 * "Port unreachable" from a peer that is not (or no longer) there: its silence tells as much. Not written where a socket
 * is opened, since it would then keep all that opening it took for as long as there is the socket.
 */
const ignore = (): void => {};

const openSocket = (address: string, port: number, reuseAddr = false): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const type = isIPv6(address) ? 'udp6' : 'udp4';
    const socket = createSocket({ type, reuseAddr, lookup: asIs as never, recvBufferSize: RECEIVE_BUFFER });
    const failed = (error: Error) => {
      socket.close();
      reject(error);
    };
    socket.once('error', failed);
    socket.bind(port, address, () => {
      socket.off('error', failed);
      socket.on('error', ignore);
      resolve(socket);
    });
  });

/** A port that others may bind too, but that nobody has now: binding it would else succeed in either case. */
const openSharedSocket = async (address: string, port: number): Promise<Socket> => {
  await closeSocket(await openSocket(address, port));
  return openSocket(address, port, true);
};

const isPort = (port: number): boolean => Number.isInteger(port) && port > 0 && port < 65_536;

const isConnected = (socket: Socket): boolean => {
  try {
    socket.remoteAddress();
    return true;
  } catch {
    return false;
  }
};

const closeSocket = (socket: Socket): Promise<void> => new Promise((resolve) => socket.close(resolve));

const transmit = (
  socket: Socket,
  packet: Uint8Array,
  offset: number,
  length: number,
  to: Source | undefined,
): boolean => {
  // A port that SDP got wrong would make Node throw.
  if (to !== undefined && !isPort(to.port)) return true;
  if (socket.getSendQueueCount() >= MAX_WAITING) return true;
  if (to === undefined) socket.send(packet, offset, length);
  else socket.send(packet, offset, length, to.port, to.address);
  return socket.getSendQueueCount() === 0;
};

/** What a port is for. */
export interface PortUse {
  /** Whether the RTP port may be lent to another process of ours. No unless given. */
  readonly lendable?: boolean;
  /** Whether RTCP comes and goes on the RTP port (RFC 5761); the next one is then left alone. No unless given. */
  readonly muxed?: boolean;
}

/** The pair of sockets of a media session: RTP on the even port, RTCP on the next one, or both on the first. */
export class RtpPort {
  readonly port: number;
  readonly #address: string;
  /** None where RTP's port is RTCP's too. */
  readonly #rtcp: Socket | undefined;
  /** None while others have the port. */
  #rtp: Socket | undefined;
  #followed: Source | undefined;
  #handler: RtpPortHandler | undefined;
  #closed = false;

  /**
   * Binds both.
   *
   * @throws the system's error, EADDRINUSE when either port is taken
   */
  static async open(
    address: string,
    port: number,
    { lendable = false, muxed = false }: PortUse = {},
  ): Promise<RtpPort> {
    const open = lendable ? openSharedSocket : openSocket;
    const rtp = await open(address, port);
    try {
      return new RtpPort(address, port, rtp, muxed ? undefined : await open(address, port + 1));
    } catch (error) {
      await closeSocket(rtp);
      throw error;
    }
  }

  private constructor(address: string, port: number, rtp: Socket, rtcp: Socket | undefined) {
    this.#address = address;
    this.port = port;
    this.#rtp = rtp;
    this.#rtcp = rtcp;
  }

  /** Whether it speaks IPv6, and so no IPv4. */
  get isIPv6(): boolean {
    return isIPv6(this.#address);
  }

  listen(handler: RtpPortHandler): void {
    this.#handler = handler;
    this.#rtp?.on('message', (packet, source) => handler.received(packet, source, 'rtp'));
    this.#rtcp?.on('message', (packet, source) => handler.received(packet, source, 'rtcp'));
  }

  /**
   * Connects the RTP socket to its peer: sending gets cheaper, and the kernel drops what others send before it costs
   * us anything.
   */
  follow(source: Source): void {
    this.unfollow();
    if (this.#rtp === undefined) return;
    this.#rtp.connect(source.port, source.address);
    // The system may refuse (no route back, say); then sending names the address each time.
    if (isConnected(this.#rtp)) this.#followed = source;
  }

  unfollow(): void {
    if (this.#followed !== undefined) this.#rtp?.disconnect();
    this.#followed = undefined;
  }

  /**
   * Closes the RTP socket, so that what comes to the port reaches whoever else has bound it: while our socket is
   * connected it gets all that its peer sends. RTCP's socket stays; who binds that port later gets what comes there.
   */
  lend(): void {
    this.#rtp?.close();
    this.#rtp = undefined;
    this.#followed = undefined;
  }

  /** Binds the RTP port again. On Linux the socket that was bound last gets what comes, so nothing is missed. */
  async reclaim(): Promise<void> {
    if (this.#rtp !== undefined || this.#closed) return;
    const rtp = await openSocket(this.#address, this.port, true);
    if (this.#rtp !== undefined || this.#closed) return closeSocket(rtp);
    this.#rtp = rtp;
    rtp.on('message', (packet, source) => this.#handler?.received(packet, source, 'rtp'));
  }

  get isFollowing(): boolean {
    return this.#followed !== undefined;
  }

  /**
   * Sends a packet on the RTP port, or drops it when too many wait.
   *
   * @returns false when the buffer must not be used again, because a packet may still wait in it
   */
  send(packet: Uint8Array, offset: number, length: number, to: Source): boolean {
    if (this.#rtp === undefined) return true;
    return transmit(this.#rtp, packet, offset, length, this.#followed === undefined ? to : undefined);
  }

  sendControl(packet: Uint8Array, to: Source): void {
    if (this.#rtcp !== undefined) transmit(this.#rtcp, packet, 0, packet.length, to);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const rtp = this.#rtp;
    this.#rtp = undefined;
    await Promise.all([rtp && closeSocket(rtp), this.#rtcp && closeSocket(this.#rtcp)]);
  }
}
