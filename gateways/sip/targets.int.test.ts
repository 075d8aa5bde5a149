import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { freePort } from '@tandem/actors/testing/free-port.ts';
import type { DialogSession, IncomingInvite, UserAgent } from './dialog/session.ts';
import type { SipResolver } from './locate/sip-resolver.ts';
import { answerSdp, offerSdp } from './testing/raw-peer.ts';
import { records } from './testing/records.ts';
import type { TransportName } from './transport/flow.ts';
import { openTransportLayer } from './transport/open-transport-layer.ts';
import { createUserAgent } from './user-agent.ts';

const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

const open = async (
  transports: readonly TransportName[],
  { port = 0, resolver }: { port?: number; resolver?: SipResolver } = {},
): Promise<UserAgent> => {
  const agent = createUserAgent({
    transport: await openTransportLayer({
      listen: transports.map((transport) => ({ transport, address: '127.0.0.1', port })),
      peers: [{ trunk: 'test', addresses: ['127.0.0.1'] }],
    }),
    timers: { t1: 5, t2: 20, t4: 20 },
    resolver,
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

const portOf = (agent: UserAgent): number => Number(/:(\d+);/.exec(agent.addresses[0]!)![1]);

const invited = (agent: UserAgent): Promise<IncomingInvite> =>
  new Promise((resolve) => agent.onInvite(resolve));

/** DNS in which a domain has servers at these ports, in this order. */
const domain = (transport: TransportName, ports: readonly number[]): SipResolver =>
  records({
    srv: {
      [`_sip._${transport}.carrier.example`]: ports.map((port, at) => ({
        priority: at,
        weight: 0,
        port,
        name: 's.carrier.example',
      })),
    },
    addresses: { 's.carrier.example': ['127.0.0.1'] },
  });

/** Calls the domain; the call that arrives at an agent is answered and hung up. */
const callThrough = async (
  caller: UserAgent,
  callee: UserAgent,
  { uri = 'sip:1@carrier.example', extra = 0 } = {},
) => {
  const arriving = invited(callee);
  const headers = extra === 0 ? [] : ([['X-Long', 'x'.repeat(extra)]] as const);
  const session = caller.invite({ id: 'one', uri, from: '+15550199', sdp: offerSdp, headers });
  const answered = event(session, 'answered');
  const invite = await arriving;
  invite.session.answer(answerSdp);
  await answered;
  const ended = event(invite.session, 'ended');
  expect(await session.bye()).toBe(200);
  await ended;
  return invite;
};

describe('a domain with several servers', () => {
  it.each(['udp', 'tcp'] as const)('is reached over %s when the first of them is dead', async (transport) => {
    const callee = await open([transport]);
    const dead = await freePort();
    const caller = await open([transport], { resolver: domain(transport, [dead, portOf(callee)]) });
    await callThrough(caller, callee);
    // The dead one is put last: no time is lost with it.
    await callThrough(caller, callee);
  });

  it('is called at the next when the first says 503, and not at the one after a refusal', async () => {
    const [full, busy, never] = [await open(['udp']), await open(['udp']), await open(['udp'])];
    const asked: string[] = [];
    full.onInvite(({ session }) => {
      asked.push('full');
      session.reject(503);
    });
    busy.onInvite(({ session }) => {
      asked.push('busy');
      session.reject(486);
    });
    never.onInvite(() => asked.push('never'));
    const caller = await open(['udp'], { resolver: domain('udp', [full, busy, never].map(portOf)) });
    const call = () =>
      caller.invite({ id: 'one', uri: 'sip:1@carrier.example', from: '+15550199', sdp: offerSdp });
    expect(await event(call(), 'refused')).toMatchObject({ status: 486 });
    expect(await event(call(), 'refused')).toMatchObject({ status: 486 });
    expect(asked).toEqual(['full', 'busy', 'busy']);
  });

  it('fails with what went wrong last when all are dead', async () => {
    const [one, other] = [await freePort(), await freePort()];
    const caller = await open(['tcp'], { resolver: domain('tcp', [one, other]) });
    const session = caller.invite({ id: 'x', uri: 'sip:1@carrier.example', from: '2', sdp: offerSdp });
    expect(await event(session, 'failed')).toMatchObject({
      code: 'sip.transport-failed',
      message: expect.stringMatching(new RegExp(`port ${other} over tcp: .*ECONNREFUSED`)),
    });
  });
});

describe('a request that is too large for UDP', () => {
  it('goes over TCP to who takes that', async () => {
    const port = await freePort();
    const callee = await open(['udp', 'tcp'], { port });
    const caller = await open(['udp', 'tcp']);
    const uri = `sip:1@127.0.0.1:${port}`;
    expect((await callThrough(caller, callee, { uri })).flow.transport).toBe('udp');
    const large = await callThrough(caller, callee, { uri, extra: 1_300 });
    expect(large.flow.transport).toBe('tcp');
    expect(large.via).toMatch(/^SIP\/2\.0\/TCP /);
    expect(large.session.dialog.remoteTarget).toMatch(/;transport=udp$/);
  });

  it('goes over UDP to who does not', async () => {
    const callee = await open(['udp']);
    const caller = await open(['udp', 'tcp']);
    const uri = `sip:1@127.0.0.1:${portOf(callee)}`;
    expect((await callThrough(caller, callee, { uri, extra: 1_300 })).flow.transport).toBe('udp');
  });

  it('goes over UDP to who takes the connection and says nothing', async () => {
    const callee = await open(['udp']);
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket.on('error', () => {})));
    server.listen(portOf(callee), '127.0.0.1');
    await once(server, 'listening');
    opened.push({
      close: () => {
        server.close();
        for (const socket of sockets) socket.destroy();
      },
    });
    const caller = await open(['udp', 'tcp']);
    const uri = `sip:1@127.0.0.1:${portOf(callee)}`;
    expect((await callThrough(caller, callee, { uri, extra: 1_300 })).flow.transport).toBe('udp');
  });
});
