import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { DialogSession, IncomingInvite, UserAgent } from './dialog/session.ts';
import { offerSdp } from './testing/raw-peer.ts';
import { openTransportLayer } from './transport/open-transport-layer.ts';
import { createUserAgent } from './user-agent.ts';

const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

const openAgent = async (): Promise<{ agent: UserAgent; port: number }> => {
  const transport = await openTransportLayer({
    listen: [{ transport: 'tcp', address: '127.0.0.1', port: 0 }],
    peers: [{ trunk: 'test', addresses: ['127.0.0.1'] }],
  });
  const agent = createUserAgent({ transport });
  opened.push(agent);
  return { agent, port: transport.listening[0]!.port };
};

/** A peer that takes connections. */
const openPeer = async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push({ close: () => server.close() });
  const next = async (): Promise<Socket> => {
    const [socket] = (await once(server, 'connection')) as [Socket];
    opened.push({ close: () => socket.destroy() });
    return socket.on('error', () => {});
  };
  return { port: (server.address() as { port: number }).port, next };
};

const invite = (port: number): string =>
  [
    'INVITE sip:+15550100@127.0.0.1 SIP/2.0',
    `Via: SIP/2.0/TCP 127.0.0.1:${port};branch=z9hG4bK-lost`,
    'Max-Forwards: 70',
    'From: <sip:a@127.0.0.1>;tag=a',
    'To: <sip:+15550100@127.0.0.1>',
    'Call-ID: lost',
    'CSeq: 1 INVITE',
    `Contact: <sip:a@127.0.0.1:${port};transport=tcp>`,
    'Content-Type: application/sdp',
    `Content-Length: ${offerSdp.length}`,
    '',
    offerSdp,
  ].join('\r\n');

describe('a connection that is gone', () => {
  it('is made anew for the answer to what came on it, to where its Via says', async () => {
    const { agent, port } = await openAgent();
    const peer = await openPeer();
    const arriving = new Promise<IncomingInvite>((resolve) => agent.onInvite(resolve));
    const socket = connect(port, '127.0.0.1');
    opened.push({ close: () => socket.destroy() });
    const trying = once(socket, 'data');
    socket.write(invite(peer.port));
    const { session } = await arriving;
    await trying;
    const closed = once(socket, 'close');
    socket.end();
    await closed;
    const next = peer.next();
    session.reject(486);
    const [answer] = await once(await next, 'data');
    expect(String(answer)).toMatch(/^SIP\/2\.0 486 /);
  });

  it('ends at once what was asked on it and not answered', async () => {
    const { agent } = await openAgent();
    const peer = await openPeer();
    const next = peer.next();
    const session: DialogSession = agent.invite({
      id: 'x',
      uri: `sip:1@127.0.0.1:${peer.port};transport=tcp`,
      from: '2',
      sdp: offerSdp,
    });
    const failed = new Promise((resolve) => session.on('failed', resolve));
    const socket = await next;
    await once(socket, 'data');
    socket.destroy();
    expect(await failed).toMatchObject({
      code: 'sip.transport-failed',
      message: expect.stringContaining('closed before anything was answered'),
    });
  });
});
