import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HeaderFields } from '../../message/header-fields.ts';
import type { SipRequest } from '../../message/message.ts';
import { parseParameterized } from '../../message/parameters.ts';
import { parseVia } from '../../message/via.ts';
import { answerTo, type Listening, listen, until } from '../../testing/listen.ts';
import { Mailbox } from '../../testing/mailbox.ts';
import { rawRequest } from '../../testing/raw-messages.ts';
import type { TransportLayerOptions } from '../open-transport-layer.ts';
import { responseFlow } from '../response-flow.ts';

const opened: { close(): unknown }[] = [];

const listenUdp = async (options?: Partial<TransportLayerOptions>): Promise<Listening> => {
  const listening = await listen('udp', options);
  opened.push(listening.layer);
  return listening;
};

const openPeer = async (): Promise<{ socket: Socket; port: number; received: Mailbox<string> }> => {
  const socket = createSocket('udp4');
  opened.push(socket);
  const received = new Mailbox<string>();
  socket.on('message', (bytes) => received.put(bytes.toString()));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { socket, port: socket.address().port, received };
};

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

describe('SIP over UDP', () => {
  it('hands up the message of a listed peer with its flow and trunk', async () => {
    const { layer, port, messages } = await listenUdp();
    const peer = await openPeer();
    peer.socket.send(rawRequest({ body: 'hello' }), port, '127.0.0.1');
    const { message, flow } = await messages.take();
    expect(message).toMatchObject({ kind: 'request', method: 'OPTIONS', uri: 'sip:tandem@192.0.2.1' });
    expect(message.body.toString()).toBe('hello');
    expect(flow).toEqual({
      transport: 'udp',
      localAddress: '127.0.0.1',
      localPort: port,
      remoteAddress: '127.0.0.1',
      remotePort: peer.port,
      trunk: 'loopback',
    });
    expect(layer.counters.received).toBe(1);
  });

  it('notes where a request came from, and sends the answer there', async () => {
    const { layer, port, messages } = await listenUdp();
    const peer = await openPeer();
    peer.socket.send(rawRequest({ sentBy: 'inside.example.com:5070' }), port, '127.0.0.1');
    const { message, flow } = await messages.take();
    const request = message as SipRequest;
    const { parameters } = parseVia(request.headers.get('Via')!);
    expect(parameters.get('received')).toBe('127.0.0.1');
    expect(parameters.get('rport')).toBe(String(peer.port));
    await layer.send(answerTo(request), responseFlow(request, flow));
    expect(await peer.received.take()).toMatch(/^SIP\/2\.0 200 Said\r\n/);
  });

  it('drops what a stranger sends before it is parsed, counts it and does not answer', async () => {
    const { layer, port, messages, malformed } = await listenUdp({
      peers: [{ trunk: 'elsewhere', addresses: ['127.0.0.9', '192.0.2.0/24', '2001:db8::/32'] }],
    });
    const peer = await openPeer();
    peer.socket.send(rawRequest(), port, '127.0.0.1');
    peer.socket.send('no SIP at all', port, '127.0.0.1');
    await until(() => layer.counters.droppedStrangers === 2);
    expect([messages.size, malformed.size, layer.counters.sent, peer.received.size]).toEqual([0, 0, 0, 0]);
  });

  it('drops and counts what a peer sends over its rate', async () => {
    const { layer, port, messages } = await listenUdp({
      peers: [{ trunk: 'slow', addresses: ['127.0.0.1'], messagesPerSecond: 3 }],
      now: () => 0,
    });
    const peer = await openPeer();
    for (let i = 0; i < 5; i++) peer.socket.send(rawRequest({ branch: String(i) }), port, '127.0.0.1');
    await until(() => layer.counters.rateLimited === 2);
    expect([messages.size, layer.counters.received]).toEqual([3, 3]);
  });

  it('hands a malformed request up with what is wrong, so that it can be answered', async () => {
    const { layer, port, malformed } = await listenUdp();
    const peer = await openPeer();
    peer.socket.send(rawRequest({ lines: ['Max-Forwards: many'] }), port, '127.0.0.1');
    const { error, flow, request } = await malformed.take();
    expect(error).toMatchObject({ code: 'sip.malformed', status: 400, params: { where: 'Max-Forwards' } });
    await layer.send(answerTo(request!, error.status), responseFlow(request!, flow));
    expect(await peer.received.take()).toMatch(/^SIP\/2\.0 400 .*rport=[0-9]+/s);
    expect(layer.counters.malformed).toBe(1);
  });

  it('refuses what a layer above finds malformed', async () => {
    const { layer, port, malformed } = await listenUdp();
    layer.onMessage((message) => parseParameterized(message.headers.get('Reason')!, 'Reason'));
    const peer = await openPeer();
    peer.socket.send(rawRequest({ lines: ['Reason: ;cause=16'] }), port, '127.0.0.1');
    const { error, request } = await malformed.take();
    expect(error.params).toMatchObject({ where: 'Reason' });
    expect(request?.method).toBe('OPTIONS');
  });

  it('has no request to answer when the Via cannot be read', async () => {
    const { port, malformed } = await listenUdp();
    const peer = await openPeer();
    peer.socket.send(rawRequest({ transport: '/' }), port, '127.0.0.1');
    expect(await malformed.take()).toMatchObject({ request: undefined });
  });

  it('says for how long it has not read up what peers send', async () => {
    const { layer, port } = await listenUdp();
    const peer = await openPeer();
    expect(layer.backlog).toBe(0);
    const waits: number[] = [];
    layer.onMessage(() => waits.push(layer.backlog));
    for (let count = 0; count < 300; count++) peer.socket.send(rawRequest({}), port, '127.0.0.1');
    await until(() => waits.length === 300);
    // The first of them had not waited, the last had.
    expect(waits[0]).toBe(0);
    expect(waits.at(-1)).toBeGreaterThan(0);
    await until(() => layer.backlog === 0);
  });

  it('ignores keep-alives', async () => {
    const { layer, port, messages } = await listenUdp();
    const peer = await openPeer();
    for (const bytes of ['\r\n\r\n', '\r\n', '\0', '']) peer.socket.send(bytes, port, '127.0.0.1');
    peer.socket.send(rawRequest(), port, '127.0.0.1');
    await messages.take();
    expect(layer.counters).toMatchObject({ received: 1, malformed: 0 });
  });

  it('takes the largest datagram and refuses a head that is too long', async () => {
    const { port, messages, malformed } = await listenUdp();
    const peer = await openPeer();
    peer.socket.send(rawRequest({ body: 'b'.repeat(65_000) }), port, '127.0.0.1');
    expect((await messages.take()).message.body).toHaveLength(65_000);
    peer.socket.send(rawRequest({ lines: Array(20).fill(`X: ${'x'.repeat(2_000)}`) }), port, '127.0.0.1');
    expect((await malformed.take()).error.message).toContain('more than 32768');
  });

  it('says why a message could not be sent', async () => {
    const { layer } = await listenUdp();
    const flow = layer.flowTo('udp', '127.0.0.1', 9);
    const message = { kind: 'response', status: 200, phrase: 'OK', headers: new HeaderFields() } as const;
    await expect(layer.send({ ...message, body: Buffer.alloc(70_000) }, flow)).rejects.toMatchObject({
      code: 'sip.transport-failed',
      params: { transport: 'udp', address: '127.0.0.1', port: 9 },
    });
    await layer.close();
    await expect(layer.send({ ...message, body: Buffer.alloc(0) }, flow)).rejects.toThrow(
      'transport is closed',
    );
  });
});
