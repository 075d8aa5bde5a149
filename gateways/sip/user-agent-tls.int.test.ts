import { once } from 'node:events';
import { createServer as createTlsServer, type SecureContextOptions, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type AlternativeName, selfSigned } from '@tandem/actors/testing/self-signed.ts';
import type { DialogSession, IncomingInvite, UserAgent } from './dialog/session.ts';
import { answerSdp, offerSdp } from './testing/raw-peer.ts';
import { records } from './testing/records.ts';
import { openTransportLayer } from './transport/open-transport-layer.ts';
import { createUserAgent } from './user-agent.ts';

const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

const open = async (tls: SecureContextOptions): Promise<UserAgent> => {
  const agent = createUserAgent({
    transport: await openTransportLayer({
      listen: [{ transport: 'tls', address: '127.0.0.1', port: 0 }],
      peers: [{ trunk: 'test', addresses: ['127.0.0.1'] }],
      tls,
    }),
    resolver: records({ addresses: { 'carrier.example': ['127.0.0.1'] } }),
  });
  opened.push(agent);
  return agent;
};

const event = <E extends Parameters<DialogSession['on']>[0]>(
  session: DialogSession,
  name: E,
): Promise<unknown> =>
  new Promise((resolve) => {
    session.on(name, resolve as never);
  });

const portOf = (agent: UserAgent): string => /:(\d+);/.exec(agent.addresses[0]!)![1]!;

/** Whoever is called has a certificate for these names, and the caller one that it believes. */
const pair = async (...names: AlternativeName[]): Promise<{ caller: UserAgent; callee: UserAgent }> => {
  const [theirs, ours] = [
    await selfSigned(...names),
    await selfSigned({ type: 'dns', value: 'caller.example' }),
  ];
  return {
    callee: await open({ ...theirs, ca: ours.cert }),
    caller: await open({ ...ours, ca: theirs.cert }),
  };
};

const call = (caller: UserAgent, uri: string) =>
  caller.invite({ id: 'one', uri, from: '+15550199', sdp: offerSdp });

describe('a call over TLS to a host name', () => {
  it.each<[string, AlternativeName]>([
    ['DNS', { type: 'dns', value: 'carrier.example' }],
    ['URI', { type: 'url', value: 'sip:carrier.example' }],
  ])('goes through when the certificate has it as %s', async (_, name) => {
    const { caller, callee } = await pair(name);
    const invited = new Promise<IncomingInvite>((resolve) => callee.onInvite(resolve));
    const session = call(caller, `sips:1@carrier.example:${portOf(callee)}`);
    const answered = event(session, 'answered');
    const invite = await invited;
    // RFC 3261, sections 8.1.1.8 and 12.1.1.
    const contact = /^sips:127\.0\.0\.1:\d+$/;
    expect(invite.session.dialog.remoteTarget).toMatch(contact);
    invite.session.answer(answerSdp);
    await answered;
    expect(session.dialog.remoteTarget).toMatch(/^sips:/);
    const ended = event(invite.session, 'ended');
    expect(await session.bye()).toBe(200);
    await ended;
  });

  it('fails when the certificate is for another, and says so', async () => {
    const { caller, callee } = await pair({ type: 'dns', value: 'other.example' });
    const failure = await event(
      call(caller, `sip:1@carrier.example:${portOf(callee)};transport=tls`),
      'failed',
    );
    expect(failure).toMatchObject({
      code: 'sip.transport-failed',
      message: expect.stringMatching(/carrier\.example \(127\.0\.0\.1\).*over tls.*does not match/),
    });
  });

  it('asks for the name, and shows our own certificate when it is asked for', async () => {
    const theirs = await selfSigned({ type: 'dns', value: 'carrier.example' });
    const ours = await selfSigned({ type: 'dns', value: 'caller.example' });
    const server = createTlsServer({ ...theirs, ca: ours.cert, requestCert: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const caller = await open({ ...ours, ca: theirs.cert });
    const { port } = server.address() as { port: number };
    const connected = once(server, 'secureConnection');
    call(caller, `sip:1@carrier.example:${port};transport=tls`);
    const [socket] = (await connected) as [TLSSocket];
    opened.push({ close: () => server.close() }, { close: () => socket.destroy() });
    expect(socket.servername).toBe('carrier.example');
    expect(socket.authorized).toBe(true);
  });
});
