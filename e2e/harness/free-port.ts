import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/**
 * A port of loopback that nobody has now, over UDP and TCP. It is below the range that systems hand out: a connection
 * that a process opens meanwhile must not be given it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_500, 32_700);
    const udp = createSocket('udp4');
    const free = (await binds(udp, port)) && (await listens(port));
    udp.close();
    await once(udp, 'close');
    if (free) return port;
  }
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const tcp = createServer();
    tcp.once('error', () => resolve(false));
    tcp.listen(port, '127.0.0.1', () => tcp.close(() => resolve(true)));
  });

/** So many pairs of free ports in a row for RTP, below the range that systems hand out. */
export async function portRange(pairs: number): Promise<PortRange> {
  for (;;) {
    const first = 10_000 + 2 * randomInt(5_000 - pairs);
    const last = first + pairs * 2 - 1;
    if (await areFree(first, last)) return { first, last };
  }
}

async function areFree(first: number, last: number): Promise<boolean> {
  for (let port = first; port <= last; port++) {
    const socket = createSocket('udp4');
    const free = await binds(socket, port);
    socket.close();
    await once(socket, 'close');
    if (!free) return false;
  }
  return true;
}

const binds = (socket: Socket, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    socket.once('error', () => resolve(false));
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => resolve(true));
  });
