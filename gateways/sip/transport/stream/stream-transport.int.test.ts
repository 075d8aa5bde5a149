import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, createServer as createTlsServer, type SecureContextOptions } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ensureDevelopmentCertificates } from '@tandem/actors/peers';
import { MAX_CONNECTIONS_PER_SOURCE } from '../../message/limits.ts';
import type { SipMessage, SipRequest } from '../../message/message.ts';
import { parseMessage } from '../../message/parse-message.ts';
import { answerTo, type Listening, listen, until } from '../../testing/listen.ts';
import { Mailbox } from '../../testing/mailbox.ts';
import { rawRequest } from '../../testing/raw-messages.ts';
import type { TransportLayerOptions } from '../open-transport-layer.ts';
import { responseFlow } from '../response-flow.ts';
import { StreamFraming } from './stream-framing.ts';

/** A connection as the peer has it. */
interface Peer {
  readonly socket: Socket;
  /** Start lines of the messages that came. */
  readonly received: Mailbox<string>;
  /** Resolves when the connection is gone. */
  readonly closed: Promise<unknown>;
}

/** tcpmux (RFC 1078), which nobody runs. */
const UNUSED_PORT = 1;

const opened: { close(): unknown }[] = [];
let directory: string;
let tls: SecureContextOptions;
let strange: SecureContextOptions;

const credentials = async (folder: string, name: string): Promise<SecureContextOptions> => {
  const files = (await ensureDevelopmentCertificates(folder, { main: name, regions: [] }))[name]!;
  const [ca, cert, key] = await Promise.all([readFile(files.ca), readFile(files.cert), readFile(files.key)]);
  return { ca, cert, key };
};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sip-tls-'));
  [tls, strange] = await Promise.all([
    credentials(join(directory, 'ours'), 'sip.example.com'),
    credentials(join(directory, 'theirs'), 'sip.example.com'),
  ]);
});

afterAll(() => rm(directory, { recursive: true }));

afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

const peerOf = (socket: Socket): Peer => {
  const framing = new StreamFraming();
  const received = new Mailbox<string>();
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    framing.push(chunk as Buffer);
    for (let next = framing.next(); Buffer.isBuffer(next); next = framing.next()) {
      received.put(next.toString().split('\r\n')[0]!);
    }
  });
  opened.push({ close: () => socket.destroy() });
  return { socket, received, closed: once(socket, 'close') };
};

describe.each(['tcp', 'tls'] as const)('SIP over %s', (transport) => {
  const listenHere = async (options?: Partial<TransportLayerOptions>): Promise<Listening> => {
    const listening = await listen(transport, { tls, ...options });
    opened.push(listening.layer);
    return listening;
  };

  const connectTo = async (port: number): Promise<Peer> => {
    const socket =
      transport === 'tls'
        ? connectTls({ host: '127.0.0.1', port, ca: tls.ca })
        : connect({ host: '127.0.0.1', port });
    await once(socket, transport === 'tls' ? 'secureConnect' : 'connect');
    return peerOf(socket);
  };

  /** A peer that is connected to. */
  const openServer = async (
    own: SecureContextOptions = tls,
  ): Promise<{ port: number; connections: Mailbox<Peer> }> => {
    const connections = new Mailbox<Peer>();
    const take = (socket: Socket): void => connections.put(peerOf(socket));
    const server: Server = transport === 'tls' ? createTlsServer(own, take) : createServer(take);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    opened.push({ close: () => server.close() });
    return { port: (server.address() as { port: number }).port, connections };
  };

  const request = (branch: string): SipMessage => {
    const parsed = parseMessage(rawRequest({ branch, transport: transport.toUpperCase() }));
    if ('error' in parsed) throw parsed.error;
    return parsed.message;
  };

  it('answers on the connection of the request, and sends requests there too', async () => {
    const { layer, port, messages } = await listenHere();
    const peer = await connectTo(port);
    peer.socket.write(rawRequest());
    const { message, flow } = await messages.take();
    expect(flow).toMatchObject({ transport, localPort: port, trunk: 'loopback' });
    await layer.send(answerTo(message as SipRequest), responseFlow(message as SipRequest, flow));
    expect(await peer.received.take()).toBe('SIP/2.0 200 Said');
    await layer.send(request('2'), flow);
    expect(await peer.received.take()).toMatch(/^OPTIONS /);
  });

  it('takes messages apart that come in one piece, and together that come in many', async () => {
    const { port, messages } = await listenHere();
    const peer = await connectTo(port);
    peer.socket.setNoDelay(true);
    const stream = Buffer.concat(['a', 'b', 'c'].map((branch) => rawRequest({ branch, body: 'body' })));
    for (let at = 0; at < stream.length; at += 50) {
      await new Promise((resolve) => peer.socket.write(stream.subarray(at, at + 50), resolve));
    }
    for (const branch of ['a', 'b', 'c']) {
      const { message } = await messages.take();
      expect(message.headers.get('Call-ID')).toBe(`${branch}@example.com`);
      expect(message.body.toString()).toBe('body');
    }
  });

  it('opens one connection for several messages, and hears the answers on it', async () => {
    const { layer, messages } = await listenHere();
    const { port, connections } = await openServer();
    const flow = layer.flowTo(transport, '127.0.0.1', port);
    await Promise.all([layer.send(request('1'), flow), layer.send(request('2'), flow)]);
    const peer = await connections.take();
    await peer.received.take();
    await peer.received.take();
    await layer.send(request('3'), flow);
    await peer.received.take();
    expect(connections.size).toBe(0);
    peer.socket.write(`SIP/2.0 200 OK\r\n${rawRequest().toString().split('\r\n').slice(1).join('\r\n')}`);
    const answer = await messages.take();
    expect(answer.message).toMatchObject({ kind: 'response', status: 200 });
    expect(answer.flow.remotePort).toBe(port);
    expect(answer.flow.trunk).toBeUndefined();
  });

  it('lets a stranger go before it reads anything, and counts it', async () => {
    const { layer, port, messages, malformed } = await listenHere({
      peers: [{ trunk: 'elsewhere', addresses: ['192.0.2.0/24'] }],
    });
    const socket = connect({ host: '127.0.0.1', port });
    socket.write(rawRequest());
    await peerOf(socket).closed;
    expect(layer.counters.droppedStrangers).toBe(1);
    expect([messages.size, malformed.size, socket.bytesRead]).toEqual([0, 0, 0]);
  });

  it('slows a peer down that sends over its rate, and loses nothing', async () => {
    const { layer, port, messages } = await listenHere({
      peers: [{ trunk: 'slow', addresses: ['127.0.0.1'], messagesPerSecond: 20 }],
    });
    const peer = await connectTo(port);
    // In one piece: while a slow machine writes many, the peer gets its right to send back.
    peer.socket.write(Buffer.concat(Array.from({ length: 25 }, (_, i) => rawRequest({ branch: String(i) }))));
    for (let i = 0; i < 25; i++) {
      expect((await messages.take()).message.headers.get('Call-ID')).toBe(`${i}@example.com`);
    }
    expect(layer.counters.rateLimited).toBeGreaterThan(0);
  });

  it('answers a keep-alive', async () => {
    const { port } = await listenHere();
    const peer = await connectTo(port);
    const pong = once(peer.socket, 'data');
    peer.socket.write('\r\n\r\n');
    expect(String((await pong)[0])).toBe('\r\n');
  });

  it('goes on after a malformed message whose end is certain', async () => {
    const { port, messages, malformed } = await listenHere();
    const peer = await connectTo(port);
    peer.socket.write(rawRequest({ lines: ['Max-Forwards: many'] }));
    peer.socket.write(rawRequest());
    expect((await malformed.take()).error.params).toMatchObject({ where: 'Max-Forwards' });
    await messages.take();
  });

  it('ends the connection after the answer when the end of a message is not certain', async () => {
    const { layer, port, malformed, closed } = await listenHere();
    const peer = await connectTo(port);
    peer.socket.write(rawRequest({ lines: ['Content-Length: 9'], body: 'forged: 1' }));
    peer.socket.write(rawRequest());
    const { error, flow, request } = await malformed.take();
    await layer.send(answerTo(request!, error.status), responseFlow(request!, flow));
    expect(await peer.received.take()).toMatch(/^SIP\/2\.0 400 /);
    await peer.closed;
    expect(await closed.take()).toEqual(flow);
    expect(layer.counters).toMatchObject({ received: 0, malformed: 1 });
  });

  it.each([
    ['a message too large', 'Content-Length: 70000\r\n\r\n'],
    ['a head without end', `X: ${'x'.repeat(40_000)}`],
    ['no Content-Length', '\r\n'],
    ['a negative Content-Length', 'Content-Length: -1\r\n\r\n'],
  ])('ends the connection of a peer that sends %s', async (_, rest) => {
    const { port, malformed } = await listenHere();
    const peer = await connectTo(port);
    peer.socket.write(`OPTIONS sip:a@example.com SIP/2.0\r\n${rest}`);
    expect((await malformed.take()).request).toBeUndefined();
    await peer.closed;
  });

  it('ends the connection of a peer that does not get a message done', async () => {
    const { port, closed } = await listenHere({ times: { completionMs: 20 } });
    const peer = await connectTo(port);
    peer.socket.write('OPTIONS sip:a@example.com SIP/2.0\r\n');
    await peer.closed;
    expect(await closed.take()).toMatchObject({ remotePort: expect.any(Number), trunk: 'loopback' });
  });

  it('ends a connection that is idle', async () => {
    const { port } = await listenHere({ times: { idleMs: 20 } });
    await (await connectTo(port)).closed;
  });

  it('gives a peer up that does not read', async () => {
    const { layer, port, messages } = await listenHere();
    const peer = await connectTo(port);
    peer.socket.write(rawRequest());
    const { message, flow } = await messages.take();
    peer.socket.pause();
    const large = { ...message, body: Buffer.alloc(60_000) };
    const sent = await Promise.allSettled(Array.from({ length: 400 }, () => layer.send(large, flow)));
    const reasons = sent.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(reasons.at(-1)).toMatchObject({ code: 'sip.transport-failed' });
  });

  it('says when a connection is gone, and does not connect to the port that a peer came from', async () => {
    const { layer, port, messages, closed } = await listenHere();
    const peer = await connectTo(port);
    peer.socket.write(rawRequest());
    const { message, flow } = await messages.take();
    peer.socket.destroy();
    expect(await closed.take()).toEqual(flow);
    await expect(layer.send(message, flow)).rejects.toThrow('the peer has closed its connection');
  });

  it('says when nobody listens', async () => {
    const { layer } = await listenHere();
    const flow = layer.flowTo(transport, '127.0.0.1', UNUSED_PORT);
    await expect(layer.send(request('1'), flow)).rejects.toMatchObject({
      code: 'sip.transport-failed',
      params: { transport, address: '127.0.0.1', port: UNUSED_PORT },
    });
  });

  it('refuses connections of one source over the bound, until others of it are gone', async () => {
    const { layer, port, messages, closed } = await listenHere();
    const peers: Peer[] = [];
    while (peers.length < MAX_CONNECTIONS_PER_SOURCE) peers.push(await connectTo(port));
    await peerOf(connect({ host: '127.0.0.1', port })).closed;
    expect(layer.counters.refusedConnections).toBe(1);
    peers[0]!.socket.destroy();
    await closed.take();
    (await connectTo(port)).socket.write(rawRequest());
    await messages.take();
  });

  it('closes with connections open and others being opened', async () => {
    const { layer, port, closed } = await listenHere();
    const peer = await connectTo(port);
    const { port: other, connections } = await openServer();
    const sending = layer.send(request('1'), layer.flowTo(transport, '127.0.0.1', other));
    const outcome = sending.then(
      () => connections.take(),
      (error) => expect(error).toMatchObject({ code: 'sip.transport-failed' }),
    );
    await layer.close();
    await Promise.all([peer.closed, outcome]);
    expect(closed.size).toBe(0);
  });

  if (transport !== 'tls') return;

  it('does not send to a peer whose certificate no known authority has signed', async () => {
    const { layer } = await listenHere();
    const { port, connections } = await openServer(strange);
    await expect(layer.send(request('1'), layer.flowTo('tls', '127.0.0.1', port))).rejects.toMatchObject({
      code: 'sip.transport-failed',
    });
    expect(connections.size).toBe(0);
  });

  it.each([
    ['sip.example.com', 'sent'],
    ['sip.example.org', 'refused'],
  ])('wants the name that the trunk says: with %s it is %s', async (tlsServerName, expected) => {
    const { layer } = await listenHere({
      peers: [{ trunk: 'named', addresses: ['127.0.0.1'], tlsServerName }],
    });
    const { port } = await openServer();
    const sending = layer.send(request('1'), layer.flowTo('tls', '127.0.0.1', port));
    const outcome = await sending.then(
      () => 'sent',
      (error) => (/does not match/.test(error.message) ? 'refused' : error),
    );
    expect(outcome).toBe(expected);
  });

  it('lets a peer go that does not speak TLS', async () => {
    const { layer, port } = await listenHere();
    const socket = connect({ host: '127.0.0.1', port });
    socket.write(rawRequest());
    await peerOf(socket).closed;
    const peer = await connectTo(port);
    peer.socket.write(rawRequest());
    await until(() => layer.counters.received === 1);
  });
});
