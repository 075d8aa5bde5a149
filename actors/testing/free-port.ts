import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { ownLot, type PortRange } from './port-lot.ts';

export type { PortRange } from './port-lot.ts';

/** From one single port to the next: programs that are given one take those beside it for media, sipp for one. */
const APART = 8;

/** Where each kind of port was given last: one that a test has been given and not yet bound is not given again. */
const next = new Map<string, number>();

/**
 * A port of loopback that nobody has now, over UDP and TCP. No other run of tests is given it (see `port-lot.ts`), and it
 * is below the range that systems hand out: a connection that a process opens meanwhile cannot have it either.
 */
export async function freePort(): Promise<number> {
  const { first, last } = ownLot().single;
  return nextOf('single', first, last, APART, async (port) => (await isFree(port)) && (await listens(port)));
}

/** So many pairs of free ports in a row for RTP. */
export async function portRange(pairs: number): Promise<PortRange> {
  const { first, last } = ownLot().rows;
  const length = 2 * pairs;
  const found = await nextOf('rows', first, last, length, async (port) => areFree(port, port + length - 1));
  return { first: found, last: found + length - 1 };
}

/** The first port of the next place of so many that fits, going round once. @throws Error when there is none */
async function nextOf(
  kind: string,
  first: number,
  last: number,
  length: number,
  fits: (port: number) => Promise<boolean>,
): Promise<number> {
  const places = Math.floor((last - first + 1) / length);
  for (let tried = 0; tried < places; tried++) {
    const wanted = next.get(kind) ?? first;
    const port = wanted + length - 1 > last ? first : wanted;
    next.set(kind, port + length);
    if (await fits(port)) return port;
  }
  throw new Error(`No ${length} free ports in a row from ${first} to ${last}`);
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const tcp = createServer();
    tcp.once('error', () => resolve(false));
    tcp.listen(port, '127.0.0.1', () => tcp.close(() => resolve(true)));
  });

async function areFree(first: number, last: number): Promise<boolean> {
  for (let port = first; port <= last; port++) if (!(await isFree(port))) return false;
  return true;
}

async function isFree(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  const free = await binds(socket, port);
  socket.close();
  await once(socket, 'close');
  return free;
}

const binds = (socket: Socket, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    socket.once('error', () => resolve(false));
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => resolve(true));
  });
