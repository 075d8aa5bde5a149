import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port of loopback that nobody has now, over UDP and TCP. */
export async function freePort(): Promise<number> {
  for (;;) {
    const tcp = createServer().listen(0, '127.0.0.1');
    await once(tcp, 'listening');
    const { port } = tcp.address() as { port: number };
    const udp = createSocket('udp4');
    const free = await new Promise<boolean>((resolve) => {
      udp.once('error', () => resolve(false));
      udp.bind(port, '127.0.0.1', () => resolve(true));
    });
    tcp.close();
    await once(tcp, 'close');
    if (!free) continue;
    udp.close();
    await once(udp, 'close');
    return port;
  }
}

/** `count` even ports in a row below the ephemeral range, for RTP; each caller gets others. */
export function portRange(count: number): { first: number; last: number } {
  const first = nextRange;
  nextRange += count * 2;
  return { first, last: first + count * 2 - 1 };
}

let nextRange = 20_000 + (process.pid % 50) * 200;
