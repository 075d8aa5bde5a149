import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { TandemError } from '@tandem/actors/errors';

export interface DemoPorts {
  readonly sip: number;
  readonly api: number;
  /** Of the phone that is called. */
  readonly callee: number;
}

const ADDRESS = '127.0.0.1';

const USES = [
  { key: 'sip', transport: 'udp', option: '--sip-port', use: 'the region takes calls' },
  { key: 'sip', transport: 'tcp', option: '--sip-port', use: 'the region takes calls' },
  { key: 'api', transport: 'tcp', option: '--api-port', use: 'the REST API listens' },
  { key: 'callee', transport: 'udp', option: '--phone-port', use: 'the phone that is called listens' },
] as const;

/**
 * Sees to it that the demo's ports are free, before anything is started; each is held until all are seen, so that
 * none serves two ends.
 *
 * @throws config.demo-port
 */
export async function checkDemoPorts(ports: DemoPorts): Promise<void> {
  await using held = new AsyncDisposableStack();
  for (const { key, transport, option, use } of USES) {
    const port = ports[key];
    try {
      held.defer(await (transport === 'udp' ? holdUdp(port) : holdTcp(port)));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const detail = code === 'EADDRINUSE' ? 'it is taken' : message;
      throw new TandemError('config.demo-port', { port, transport, use, option, detail });
    }
  }
}

async function holdUdp(port: number): Promise<() => Promise<void>> {
  const socket = createSocket('udp4').bind(port, ADDRESS);
  await once(socket, 'listening');
  return async () => {
    socket.close();
    await once(socket, 'close');
  };
}

async function holdTcp(port: number): Promise<() => Promise<void>> {
  const server = createServer().listen(port, ADDRESS);
  await once(server, 'listening');
  return async () => {
    server.close();
    await once(server, 'close');
  };
}

/**
 * So many TCP ports that nobody has at the moment, no two the same and none of the demo's own: those are free, too, and
 * a system may hand one out.
 */
export async function freePorts(count: number, ports: DemoPorts): Promise<number[]> {
  await using held = new AsyncDisposableStack();
  const own = new Set(Object.values(ports));
  const found: number[] = [];
  while (found.length < count) {
    const server = createServer().listen(0, ADDRESS);
    held.defer(async () => {
      server.close();
      await once(server, 'close');
    });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    if (!own.has(port)) found.push(port);
  }
  return found;
}
