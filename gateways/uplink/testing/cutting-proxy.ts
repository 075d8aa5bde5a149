import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy that can be made to cut connections after so many bytes, or to pass nothing on. */
export interface CuttingProxy {
  readonly address: string;
  /** Connections that were accepted so far. */
  readonly accepted: number;
  /** Cuts what is connected now. */
  cut(): void;
  /** Keeps connections open and drops what they carry, as a dead network does. */
  blackHole(on: boolean): void;
  close(): Promise<void>;
}

/**
 * Starts one on a free loopback port. `bytesToLive` is asked once for each connection: after so many bytes in
 * both directions together it is cut.
 */
export async function startCuttingProxy(
  target: () => number,
  bytesToLive: () => number = () => Number.POSITIVE_INFINITY,
): Promise<CuttingProxy> {
  const open = new Set<() => void>();
  let swallowing = false;
  let accepted = 0;

  function join(near: Socket): void {
    accepted += 1;
    const far = connect(target(), '127.0.0.1');
    let left = bytesToLive();
    const end = (): void => {
      if (swallowing) return;
      near.destroy();
      far.destroy();
      open.delete(end);
    };
    const pass = (to: Socket) => (chunk: Buffer) => {
      if (swallowing) return;
      to.write(left < chunk.length ? chunk.subarray(0, left) : chunk);
      left -= chunk.length;
      if (left <= 0) end();
    };
    open.add(end);
    near.on('data', pass(far)).on('error', end).on('close', end);
    far.on('data', pass(near)).on('error', end).on('close', end);
  }

  const server: Server = createServer(join).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const cut = (): void => {
    swallowing = false;
    for (const end of open) end();
  };
  return {
    address: `127.0.0.1:${port}`,
    get accepted() {
      return accepted;
    },
    cut,
    blackHole(on) {
      swallowing = on;
    },
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
