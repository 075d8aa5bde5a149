import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { Server } from '@grpc/grpc-js';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type AdmissionLimits, admissionLimits } from '../peers/admit-peers.ts';
import { makeCertificates } from '../peers/testing/make-certificates.ts';
import type { LinkTls } from '../peers/tls.ts';
import { type LinkListener, listenForRegions } from './link-listener.ts';

let certificates: Record<string, LinkTls>;
let listener: LinkListener;
const open: Socket[] = [];

beforeAll(async () => {
  certificates = await makeCertificates();
});
afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  await listener.close();
});

const listen = async (limits: Partial<AdmissionLimits> = {}, server = new Server()): Promise<void> => {
  const address = { host: '127.0.0.1', port: 0 };
  listener = await listenForRegions(server, address, certificates.main!, { ...admissionLimits, ...limits });
};

/** A TCP connection that says nothing. */
async function stranger(): Promise<Socket> {
  const socket = connect(listener.port, '127.0.0.1');
  open.push(socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** TLS with a region's certificate, or none. */
function secured(name: string | undefined): Socket {
  const { cert, key } = name === undefined ? {} : certificates[name]!;
  const { ca } = certificates.main!;
  const socket = tlsConnect({
    port: listener.port,
    host: '127.0.0.1',
    ALPNProtocols: ['h2'],
    servername: 'main',
    ca,
    cert,
    key,
  });
  open.push(socket);
  socket.on('error', () => {});
  return socket;
}

/** Resolves when the server has sent the beginning of HTTP/2, which it does for those that it has admitted. */
async function admitted(name: string): Promise<Socket> {
  const socket = secured(name);
  const begun = await new Promise<boolean>((resolve) =>
    socket.once('data', () => resolve(true)).once('close', () => resolve(false)),
  );
  if (!begun) throw new Error('turned away');
  return socket;
}

const ended = async (socket: Socket): Promise<void> => {
  socket.resume();
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
};

describe('a port of the link', () => {
  it('is there for peers while a thousand connections that say nothing are opened', async () => {
    await listen();
    const silent = await Promise.all(Array.from({ length: 1000 }, stranger));
    await admitted('ie1');
    for (let i = 0; i < 100; i++) await stranger();
    await admitted('us1');
    expect(silent.filter(({ closed }) => !closed).length).toBeLessThanOrEqual(
      admissionLimits.strangersOfAddress + 100,
    );
  });

  it('ends the oldest stranger of an address that has too many', async () => {
    await listen({ strangersOfAddress: 2 });
    const first = await stranger();
    const second = await stranger();
    await stranger();
    await ended(first);
    expect(second.closed).toBe(false);
  });

  it('ends the oldest stranger when there are too many of all addresses', async () => {
    await listen({ strangers: 2 });
    const first = await stranger();
    await stranger();
    await stranger();
    await ended(first);
  });

  it('ends who has not finished the handshake in its time, however he drips', async () => {
    await listen({ handshake: 300 });
    const silent = await stranger();
    const dripping = await stranger();
    // The beginning of a ClientHello of 512 bytes, and then one byte after the other.
    dripping.write(Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]));
    const drip = setInterval(() => dripping.write(Buffer.alloc(1)), 20);
    await Promise.all([ended(silent), ended(dripping)]);
    clearInterval(drip);
  });

  it('ends who has no certificate, or begins HTTP/2 without TLS', async () => {
    await listen();
    const plain = await stranger();
    plain.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    await Promise.all([ended(secured(undefined)), ended(plain)]);
    await admitted('ie1');
  });

  it('ends a peer that never begins HTTP/2', async () => {
    const server = new Server({ 'grpc.keepalive_time_ms': 100, 'grpc.keepalive_timeout_ms': 100 });
    await listen({}, server);
    await ended(await admitted('ie1'));
  });

  it('lets no region have the port for itself', async () => {
    await listen({ ofName: 2 });
    const first = await admitted('ie1');
    await admitted('ie1');
    await expect(admitted('ie1')).rejects.toThrow('turned away');
    await admitted('us1');
    first.destroy();
    // The server hears of that a moment later.
    for (;;) {
      const again = await admitted('ie1').catch(() => undefined);
      if (again) break;
    }
  });
});
