import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { clock } from './clock.ts';
import type { DelayQueue } from './delay-queue.ts';
import type { LinkDirection } from './direction.ts';
import { StreamPassage } from './stream-passage.ts';

export interface TcpCrossingOptions {
  /** Where one region reaches the other, and where that really is. */
  readonly seen: { readonly address: string; readonly port: number };
  readonly real: { readonly address: string; readonly port: number };
  readonly there: LinkDirection;
  readonly back: LinkDirection;
  readonly queue: DelayQueue;
}

/**
 * The way to one TCP port of another region. A connection costs a round trip and a half before its first byte
 * arrives, as the handshake does. (Its sender is told that it is connected at once, which nobody can change from
 * outside; a port where nobody listens shows as a reset.)
 */
export class TcpCrossing {
  readonly #options: TcpCrossingOptions;
  readonly #server: Server;
  readonly #connections = new Set<() => void>();

  private constructor(options: TcpCrossingOptions) {
    this.#options = options;
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (near) =>
      this.#join(near),
    );
  }

  static async open(options: TcpCrossingOptions): Promise<TcpCrossing> {
    const crossing = new TcpCrossing(options);
    crossing.#server.listen(options.seen.port, options.seen.address);
    await once(crossing.#server, 'listening');
    return crossing;
  }

  /** Resets what is connected. */
  reset(): void {
    for (const end of [...this.#connections]) end();
  }

  async close(): Promise<void> {
    this.reset();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(near: Socket): void {
    const { real, there, back, queue } = this.#options;
    near.on('error', () => {});
    if (there.cut === 'reset') {
      near.resetAndDestroy();
      return;
    }
    there.countConnection();
    const { rtt } = there.conditions;
    const begun = clock.now();
    const outward = new StreamPassage(near, there, queue);
    queue.at(begun + rtt, () => near.resume());
    let far: Socket | undefined;
    const end = (): void => {
      near.resetAndDestroy();
      far?.resetAndDestroy();
    };
    const closed = (): void => {
      if (near.destroyed && (!far || far.destroyed)) this.#connections.delete(end);
    };
    this.#connections.add(end);
    near.on('close', closed);
    const reach = (): void => {
      if (near.destroyed) return;
      far = connect({ host: real.address, port: real.port, allowHalfOpen: true, noDelay: true });
      far.on('error', () => {}).on('close', closed);
      outward.leadTo(far);
      new StreamPassage(far, back, queue).leadTo(near);
    };
    queue.at(begun + 1.5 * rtt, () => unlessSilent(there, reach));
  }
}

const unlessSilent = (direction: LinkDirection, go: () => void): void => {
  if (direction.cut === 'silent') direction.whenNotSilent(go);
  else go();
};
