import { randomBytes } from 'node:crypto';
import type { types } from 'mediasoup';
import type { Format, PipeEnd, PipeOptions } from '../plane/index.ts';
import { CRYPTO_SUITE } from '../srtp/index.ts';
import { heardParameters } from './formats.ts';
import { PipeStreams } from './pipe-streams.ts';
import type { Room } from './rooms.ts';
import { WayOut } from './way-out.ts';

const LOOPBACK = '127.0.0.1';

/**
 * One end of a pipe: SRTP with the other end, and beside it a way on this machine to our own code, which is what hears
 * and speaks on the pipe while anything must.
 */
export class Pipe {
  readonly room: Room;
  readonly format: Format;
  readonly #transport: types.PlainTransport;
  readonly #inside: types.PlainTransport;
  /** What goes to our code. */
  readonly toCode: WayOut;
  readonly streams: PipeStreams;
  /** SSRC that our code sends with, inside. */
  readonly ssrc = randomBytes(4).readUInt32BE(0);
  readonly #ways = new Set<WayOut>();
  readonly #followers = new Set<(stream: types.Producer) => void>();
  #nextName = 1;
  #remote: PipeEnd | undefined;

  /** @throws what mediasoup throws, such as that no port is free */
  static async open(room: Room, format: Format, options: PipeOptions): Promise<Pipe> {
    const { bindAddress: ip, advertisedAddress: announcedAddress, ports } = options;
    const portRange = { min: ports.first, max: ports.last };
    const transport = await room.router.createPlainTransport({
      listenInfo: { protocol: 'udp', ip, announcedAddress, portRange },
      rtcpMux: true,
      enableSrtp: true,
      srtpCryptoSuite: CRYPTO_SUITE,
    });
    try {
      const inside = await room.router.createPlainTransport({
        listenInfo: { protocol: 'udp', ip: LOOPBACK, portRange },
        rtcpMux: true,
      });
      const pipe = new Pipe(room, format, transport, inside);
      const rtpParameters = heardParameters(format, { ssrc: pipe.ssrc });
      await pipe.wayOut().take(await inside.produce({ kind: 'audio', rtpParameters }), '0');
      await pipe.streams.open();
      return pipe;
    } catch (error) {
      transport.close();
      throw error;
    }
  }

  private constructor(
    room: Room,
    format: Format,
    transport: types.PlainTransport,
    inside: types.PlainTransport,
  ) {
    this.room = room;
    this.format = format;
    this.#transport = transport;
    this.#inside = inside;
    this.toCode = new WayOut(room.router, inside);
    this.#ways.add(this.toCode);
    this.streams = new PipeStreams(transport, format, {
      awaited: async (stream) => {
        await Promise.all([...this.#ways].map((way) => way.take(stream)));
      },
      began: (stream) => {
        for (const follow of this.#followers) follow(stream);
      },
    });
  }

  get end(): PipeEnd {
    const { localAddress: address, localPort: port } = this.#transport.tuple;
    const { cryptoSuite, keyBase64 } = this.#transport.srtpParameters!;
    return { address, port, srtp: { cryptoSuite, keyBase64 } };
  }

  get lost(): boolean {
    return this.room.router.closed;
  }

  /** The other end, as soon as it is known. */
  get remote(): PipeEnd | undefined {
    return this.#remote;
  }

  /** The port beside our code's. */
  get insidePort(): number {
    return this.#inside.tuple.localPort;
  }

  /** Tells where our code listens. */
  async connectInside(port: number): Promise<void> {
    await this.#inside.connect({ ip: LOOPBACK, port });
  }

  /** @throws what mediasoup throws for an address or a key that is none */
  async connect(remote: PipeEnd): Promise<void> {
    const { address: ip, port, srtp } = remote;
    const cryptoSuite = srtp.cryptoSuite as types.SrtpCryptoSuite;
    this.#remote = remote;
    try {
      await this.#transport.connect({ ip, port, srtpParameters: { cryptoSuite, keyBase64: srtp.keyBase64 } });
    } catch (error) {
      this.#remote = undefined;
      throw error;
    }
  }

  /** A way to the other end for streams that pass our code by; each needs a `nextName`. */
  wayOut(): WayOut {
    return new WayOut(this.room.router, this.#transport);
  }

  nextName(): string {
    return String(this.#nextName++);
  }

  /** Has all that comes go out there too. */
  async feed(way: WayOut): Promise<void> {
    this.#ways.add(way);
    await Promise.all(this.streams.all.map((stream) => way.take(stream)));
  }

  starve(way: WayOut): void {
    this.#ways.delete(way);
  }

  /** Hears of each stream that has begun, and of those that begin from now on. */
  follow(follower: (stream: types.Producer) => void): () => void {
    this.#followers.add(follower);
    for (const stream of this.streams.heard) follower(stream);
    return () => this.#followers.delete(follower);
  }

  close(): void {
    this.#transport.close();
    this.#inside.close();
    this.room.leave();
  }
}
