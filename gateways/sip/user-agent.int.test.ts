import { afterEach, describe, expect, it } from '@jest/globals';
import type { DialogSession, IncomingInvite, UserAgent } from './dialog/session.ts';
import { openTransportLayer } from './transport/open-transport-layer.ts';
import { createUserAgent } from './user-agent.ts';

const offer = 'v=0\r\no=a 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';
const answer = 'v=0\r\no=b 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\n';

const agents: UserAgent[] = [];

const open = async (transport: 'udp' | 'tcp', port = 0, heard = ['127.0.0.1']): Promise<UserAgent> => {
  const agent = createUserAgent({
    transport: await openTransportLayer({
      listen: [{ transport, address: '127.0.0.1', port }],
      peers: [{ trunk: 'test', addresses: heard }],
    }),
    timers: { t1: 50, t2: 200, t4: 200 },
  });
  agents.push(agent);
  return agent;
};

const event = <E extends Parameters<DialogSession['on']>[0]>(
  session: DialogSession,
  name: E,
): Promise<unknown> =>
  new Promise((resolve) => {
    session.on(name, resolve as never);
  });

const invited = (agent: UserAgent): Promise<IncomingInvite> =>
  new Promise((resolve) => {
    agent.onInvite(resolve);
  });

afterEach(async () => {
  await Promise.all(agents.splice(0).map((agent) => agent.close()));
});

describe('A user agent with a listener for each address family', () => {
  it.each([
    ['127.0.0.1', /^203\.0\.113\.5:5070$/],
    ['::1', /^\[2001:db8::5\]:5080$/],
  ])('tells whom it calls at %s where that one is reached from outside', async (address, expected) => {
    const listener = { transport: 'udp', port: 0 } as const;
    const outside = [
      { advertisedAddress: '203.0.113.5', advertisedPort: 5070 },
      { advertisedAddress: '2001:db8::5', advertisedPort: 5080 },
    ];
    const caller = createUserAgent({
      transport: await openTransportLayer({
        listen: ['127.0.0.1', '::1'].map((own, at) => ({ ...listener, address: own, ...outside[at] })),
        peers: [{ trunk: 'test', addresses: ['127.0.0.1', '::1'] }],
      }),
    });
    const callee = createUserAgent({
      transport: await openTransportLayer({
        listen: [{ ...listener, address }],
        peers: [{ trunk: 'test', addresses: ['127.0.0.1', '::1'] }],
      }),
    });
    agents.push(caller, callee);
    const arriving = invited(callee);
    const session = caller.invite({ id: 'x', uri: callee.addresses[0]!, from: '+1', sdp: offer });
    const invite = await arriving;
    expect(/sip:(.*);transport=udp/.exec(invite.session.dialog.remoteTarget)![1]).toMatch(expected);
    expect(/UDP ([^;]*);/.exec(invite.via)![1]).toMatch(expected);
    const refused = event(session, 'refused');
    invite.session.reject(486);
    await refused;
  });
});

describe.each(['udp', 'tcp'] as const)('A user agent over %s', (transport) => {
  const call = async () => {
    const caller = await open(transport);
    const callee = await open(transport);
    const arriving = invited(callee);
    const uri = callee.addresses[0]!.replace('sip:', 'sip:+15550100@');
    const out = caller.invite({
      id: 'one',
      uri,
      from: '+15550199',
      facts: { callerName: 'Ann "A" Doe' },
      sdp: offer,
    });
    return { out, arriving };
  };

  it('hears whom it has called, in that call and of nothing else', async () => {
    const caller = await open(transport, 0, ['192.0.2.1']);
    const callee = await open(transport);
    const uri = callee.addresses[0]!.replace('sip:', 'sip:+15550100@');
    const arriving = invited(callee);
    const out = caller.invite({ id: 'out', uri, from: '+15550199', sdp: offer });
    const invite = await arriving;
    const answered = event(out, 'answered');
    const confirmed = event(invite.session, 'confirmed');
    invite.session.answer(answer);
    await Promise.all([answered, confirmed]);
    const uninvited: unknown[] = [];
    caller.onInvite((each) => uninvited.push(each));
    const backwards = caller.addresses[0]!;
    const back = callee.invite({ id: 'back', uri: backwards, from: '+15550100', sdp: offer, timeout: 1 });
    await event(back, 'refused');
    const ended = event(out, 'ended');
    expect(await invite.session.refresh()).toBeUndefined();
    expect(await invite.session.bye()).toBe(200);
    await ended;
    expect(uninvited).toEqual([]);
  });

  it('goes on in another process at the same address, with requests of both sides', async () => {
    const { out, arriving } = await call();
    const invite = await arriving;
    const answered = event(out, 'answered');
    const confirmed = event(invite.session, 'confirmed');
    invite.session.answer(answer);
    await Promise.all([answered, confirmed]);
    const stored = JSON.parse(JSON.stringify(invite.session.dialog));
    const [, callee] = agents;
    const port = Number(/:(\d+);/.exec(callee!.addresses[0]!)![1]);
    await callee!.close();

    const dialog = { ...stored, localSeq: stored.localSeq + 100 };
    const again = (await open(transport, port)).restore('again', dialog, {
      outbound: false,
      local: answer,
      remote: offer,
    });
    // Ours takes UPDATE.
    expect(await again.refresh()).toBeUndefined();
    expect(await out.refresh()).toBeUndefined();
    const ended = event(again, 'ended');
    expect(await out.bye()).toBe(200);
    await ended;
  });

  it('carries a call from ringing to BYE', async () => {
    const { out, arriving } = await call();
    const progress = event(out, 'progress');
    const invite = await arriving;
    expect(invite).toMatchObject({
      from: '+15550199',
      facts: { callerName: 'Ann "A" Doe' },
      to: '+15550100',
      sdp: offer,
    });
    invite.session.ring();
    expect(await progress).toMatchObject({ status: 180 });
    const answered = event(out, 'answered');
    const confirmed = event(invite.session, 'confirmed');
    invite.session.answer(answer);
    expect(await answered).toMatchObject({ sdp: answer });
    await confirmed;
    const ended = event(invite.session, 'ended');
    expect(await out.bye('Q.850;cause=16;text="done"')).toBe(200);
    expect(await ended).toEqual({ reason: 'Q.850;cause=16;text="done"' });
    expect([out.over, invite.session.over]).toEqual([true, true]);
  });

  it('cancels a ringing call', async () => {
    const { out, arriving } = await call();
    const { session } = await arriving;
    const progress = event(out, 'progress');
    session.ring();
    await progress;
    const [cancelled, refused] = [event(session, 'cancelled'), event(out, 'refused')];
    out.cancel('SIP;cause=200;text="Call completed elsewhere"');
    expect(await cancelled).toEqual({ reason: 'SIP;cause=200;text="Call completed elsewhere"' });
    expect(await refused).toMatchObject({ status: 487 });
  });
});
