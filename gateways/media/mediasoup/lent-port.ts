import type { types } from 'mediasoup';
import type { Lendable } from '../session/index.ts';
import { heardParameters } from './formats.ts';
import type { Room } from './rooms.ts';
import { WayOut } from './way-out.ts';

const shared = (ip: string, port: number): types.TransportListenInfo => ({
  protocol: 'udp',
  ip,
  port,
  flags: { udpReusePort: true },
});

export interface Arrivals {
  readonly all: number;
  readonly passedOn: number;
}

/**
 * The port of a session in a worker's hands. It is bound beside our own socket, which gets all packets until it is
 * closed: so everything can be made ready before.
 */
export class LentPort {
  readonly #transport: types.PlainTransport;
  readonly stream: types.Producer;
  readonly out: WayOut;

  /** @throws what mediasoup throws: the port is not to be had, its process is gone */
  static async open(room: Room, bindAddress: string, lent: Lendable): Promise<LentPort> {
    const transport = await room.router.createPlainTransport({
      listenInfo: shared(bindAddress, lent.port),
      ...(lent.control === undefined
        ? { rtcpMux: true }
        : { rtcpMux: false, rtcpListenInfo: shared(bindAddress, lent.port + 1) }),
    });
    try {
      const { address: ip, port } = lent.source;
      await transport.connect({ ip, port, rtcpPort: lent.control?.port });
      const rtpParameters = heardParameters(lent.remote, { ssrc: lent.ssrc });
      const stream = await transport.produce({ kind: 'audio', rtpParameters });
      return new LentPort(transport, stream, new WayOut(room.router, transport));
    } catch (error) {
      transport.close();
      throw error;
    }
  }

  private constructor(transport: types.PlainTransport, stream: types.Producer, out: WayOut) {
    this.#transport = transport;
    this.stream = stream;
    this.out = out;
  }

  /**
   * Bytes that came, from whomever, and those of them that were of the stream that is passed on.
   *
   * @throws what mediasoup throws once its process is gone
   */
  async arrivals(): Promise<Arrivals> {
    const [stats] = await this.#transport.getStats();
    return { all: stats!.bytesReceived, passedOn: stats!.rtpBytesReceived };
  }

  close(): void {
    this.#transport.close();
  }
}
