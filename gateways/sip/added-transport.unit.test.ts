import { afterEach, beforeAll, expect, it } from '@jest/globals';
import type { DialogSession, IncomingInvite, UserAgent } from './dialog/session.ts';
import { message } from './testing/message-transport.ts';
import { answerSdp, offerSdp } from './testing/raw-peer.ts';
import { eventsOf } from './testing/session-events.ts';
import { openTransportLayer } from './transport/open-transport-layer.ts';
import { registerTransport } from './transport/transports.ts';
import { createUserAgent, type UserAgentOptions } from './user-agent.ts';

// The transport of docs/add-a-transport.md: no file of the product knows of it.
beforeAll(() => registerTransport(message));

const agents: UserAgent[] = [];

afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.close();
});

const open = async (address: string, peer: string, more: Partial<UserAgentOptions> = {}) => {
  const transport = await openTransportLayer({
    listen: [{ transport: 'message', address, port: 0 }],
    peers: [{ trunk: 'peer', addresses: [peer] }],
  });
  const agent = createUserAgent({ transport, ...more });
  agents.push(agent);
  return { agent, transport, uri: agent.addresses[0]! };
};

const event = <E extends Parameters<DialogSession['on']>[0]>(session: DialogSession, name: E) =>
  new Promise((resolve) => {
    session.on(name, resolve as never);
  });

const credentials = { username: 'us', password: 'secret' };

it('a call with digest, a changed session and a BYE goes over a transport that was added', async () => {
  const caller = await open('192.0.2.1', '192.0.2.2');
  const callee = await open('192.0.2.2', '192.0.2.1', { credentialsOf: () => [credentials] });
  const invited = new Promise<IncomingInvite>((resolve) => callee.agent.onInvite(resolve));
  expect(callee.uri).toMatch(/^sip:192\.0\.2\.2:\d+;transport=message$/);
  const session = caller.agent.invite({
    id: 'one',
    uri: callee.uri,
    from: '+15550199',
    sdp: offerSdp,
    credentials,
  });
  const events = eventsOf(session);
  const invite = await invited;
  expect(invite.flow).toMatchObject({ transport: 'message', trunk: 'peer', accepted: true });
  expect(invite.via).toMatch(/^SIP\/2\.0\/MESSAGE 192\.0\.2\.1:/);
  const confirmed = event(invite.session, 'confirmed');
  invite.session.ring();
  invite.session.answer(answerSdp);
  await confirmed;
  expect(events.map(({ name }) => name)).toEqual(['progress', 'answered']);
  expect(session.dialog.transport).toBe('message');

  invite.session.on('offer', () => invite.session.acceptOffer(answerSdp));
  expect(await session.offer(`${offerSdp}a=sendonly\r\n`)).toBe(answerSdp);
  session.on('offer', () => session.acceptOffer(offerSdp));
  expect(await invite.session.offer(`${answerSdp}a=sendonly\r\n`)).toBe(offerSdp);

  const ended = event(session, 'ended');
  expect(await invite.session.bye()).toBe(200);
  await ended;
  // Nothing was sent twice, and nothing was lost.
  expect(caller.transport.counters.sent).toBe(callee.transport.counters.received);
  expect(callee.transport.counters.sent).toBe(caller.transport.counters.received);
});

it('who is in no list is not heard there either', async () => {
  const stranger = await open('192.0.2.3', '192.0.2.2');
  const callee = await open('192.0.2.2', '192.0.2.1');
  const session = stranger.agent.invite({ id: 'one', uri: callee.uri, from: '2', sdp: offerSdp });
  expect(await event(session, 'failed')).toMatchObject({ code: 'sip.transport-failed' });
  expect(callee.transport.counters).toMatchObject({ received: 0, droppedStrangers: 1 });
});
