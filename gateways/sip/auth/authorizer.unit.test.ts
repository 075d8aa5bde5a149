import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { OutgoingInvite, UserAgent } from '../dialog/session.ts';
import { buildResponse, type Header, sdpContent } from '../message/build-message.ts';
import type { SipRequest } from '../message/message.ts';
import { MemoryNetwork } from '../testing/memory-network.ts';
import { answerSdp, offerSdp, RawPeer } from '../testing/raw-peer.ts';
import { eventsOf } from '../testing/session-events.ts';
import { createUserAgent } from '../user-agent.ts';
import { BoundCredentials, type CredentialsBinding } from './bound-credentials.ts';

const us = '192.0.2.1';
const carrier = '192.0.2.2';
const elsewhere = '198.51.100.7';
const credentials = { username: 'tandem', password: 'secret' };
let network: MemoryNetwork;
let agent: UserAgent;
let peer: RawPeer;
let stranger: RawPeer;
let left: unknown[];

beforeEach(() => {
  jest.useFakeTimers();
  network = new MemoryNetwork();
  left = [];
  agent = createUserAgent({
    transport: network.open(us),
    random: () => 0,
    log: (_what, error) => left.push(error),
  });
  peer = new RawPeer(network, carrier, us);
  stranger = new RawPeer(network, elsewhere, us);
});

afterEach(async () => {
  await agent.close();
  await pass(2);
  jest.useRealTimers();
});

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

const bound = (more: Partial<CredentialsBinding> = {}) =>
  new BoundCredentials({ ...credentials, home: { host: carrier, port: 5060 }, ...more });

const call = async (changes: Partial<OutgoingInvite> = {}) => {
  const uri = `sip:+15550100@${carrier}`;
  const session = agent.invite({ id: 'out', uri, from: '+15550199', sdp: offerSdp, credentials, ...changes });
  const events = eventsOf(session);
  await pass(2);
  return { session, events };
};

const digest = (realm: string, nonce: string, more = ''): string =>
  `Digest realm="${realm}", nonce="${nonce}", qop="auth"${more}`;

/** A challenge of a proxy to the newest request of a method, or of the server. */
const challenged = async (method: string, status: 401 | 407, value: string, by = peer): Promise<void> => {
  const name = status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate';
  await by.reply(by.request(method), status, { headers: [[name, value]] });
  await pass(2);
};

const answersIn = (request: SipRequest): string[] =>
  ['Proxy-Authorization', 'Authorization'].flatMap((name) =>
    request.headers.all(name).map((value) => {
      const [, realm] = /realm="([^"]*)"/.exec(value)!;
      return `${name} ${realm} ${/nonce="([^"]*)"/.exec(value)![1]} ${/nc=0*(\d+)/.exec(value)?.[1]}`;
    }),
  );

const answeredAt = async (contact: string): Promise<void> => {
  const headers: readonly Header[] = [['Contact', `<sip:+19005550199@${contact}>`]];
  const content = sdpContent(answerSdp);
  await peer.again(buildResponse(peer.request('INVITE'), 200, { tag: 'peer', headers, content }));
  await pass(2);
};

describe('Several challenges', () => {
  it('are answered together, those of a proxy and of the server, also in what follows in the dialog', async () => {
    const { session, events } = await call();
    await challenged('INVITE', 407, digest('proxy', 'p'));
    await challenged('INVITE', 401, digest('pbx', 's'));
    expect(answersIn(peer.request('INVITE'))).toEqual([
      'Proxy-Authorization proxy p 2',
      'Authorization pbx s 1',
    ]);
    await peer.reply(peer.request('INVITE'), 200, { content: sdpContent(answerSdp) });
    await pass(2);
    expect(events).toMatchObject([{ name: 'answered' }]);
    void session.bye();
    await pass(2);
    expect(answersIn(peer.request('BYE'))).toEqual([
      'Proxy-Authorization proxy p 4',
      'Authorization pbx s 3',
    ]);
    await peer.reply(peer.request('BYE'), 200);
    await pass(2);
  });

  it('of several realms in one response are each answered', async () => {
    await call();
    await challenged('INVITE', 407, `${digest('a', '1')}, ${digest('b', '2')}`, peer);
    // The first realm that a host asks for is the one that the password is for.
    expect(answersIn(peer.request('INVITE'))).toEqual(['Proxy-Authorization a 1 1']);

    await call({ credentials: bound({ realms: ['a', 'b'] }) });
    await challenged('INVITE', 407, `${digest('a', '1')}, ${digest('b', '2')}`, peer);
    expect(answersIn(peer.request('INVITE'))).toEqual([
      'Proxy-Authorization a 1 1',
      'Proxy-Authorization b 2 1',
    ]);
  });

  it('are answered anew when the nonce was too old, which says nothing about the password', async () => {
    await call();
    await challenged('INVITE', 407, digest('proxy', 'old'));
    await challenged('INVITE', 407, digest('proxy', 'new', ', stale=true'));
    expect(answersIn(peer.request('INVITE'))).toEqual(['Proxy-Authorization proxy new 1']);
    await challenged('INVITE', 407, digest('proxy', 'newer', ', stale=true'));
    expect(peer.heard.filter((method) => method === 'INVITE')).toHaveLength(3);
  });

  it('are a refusal when the password was answered with and is not taken', async () => {
    const { events } = await call();
    await challenged('INVITE', 401, digest('pbx', '1'));
    await challenged('INVITE', 401, digest('pbx', '2'));
    expect(events).toMatchObject([{ name: 'refused', status: 401 }]);
    expect(peer.heard.filter((method) => method === 'INVITE')).toHaveLength(2);
  });
});

describe('A password', () => {
  it.each(['INVITE', 'BYE', 'UPDATE', 'INFO'])(
    'is not shown in a %s to whom a Contact names, whatever realm and nonce are asked for there',
    async (method) => {
      const { session } = await call();
      await challenged('INVITE', 401, digest('carrier', 'n', ', algorithm=SHA-256'));
      expect(answersIn(peer.request('INVITE'))).toHaveLength(1);
      await answeredAt(elsewhere);
      expect(answersIn(stranger.request('ACK'))).toEqual([]);
      if (method === 'UPDATE') {
        const invite = peer.request('INVITE');
        await peer.back(invite, 'peer', 'UPDATE', 1, {
          headers: [
            ['Allow', 'UPDATE'],
            ['Contact', `<sip:x@${elsewhere}>`],
            ['Max-Forwards', '70'],
          ],
        });
        await pass(2);
      }
      const done =
        method === 'BYE'
          ? session.bye()
          : method === 'INFO'
            ? session.sendDigit('1', 100)
            : method === 'UPDATE'
              ? session.refresh()
              : session.offer(offerSdp);
      const settled = Promise.allSettled([done]);
      await pass(2);
      expect(answersIn(stranger.request(method))).toEqual([]);
      await challenged(method, 401, digest('carrier', 'n-of-the-carrier'), stranger);
      expect(stranger.received.flatMap((m) => (m.kind === 'request' ? answersIn(m) : []))).toEqual([]);
      expect(stranger.heard.filter((heard) => heard === method)).toHaveLength(1);
      expect(left).toMatchObject([{ code: 'sip.challenge-not-answered', params: { address: elsewhere } }]);
      await agent.close();
      await settled;
    },
  );

  it('is shown in the networks that the provider calls from', async () => {
    const { session } = await call({ credentials: bound({ networks: ['198.51.100.0/24'] }) });
    await answeredAt(elsewhere);
    void session.bye();
    await pass(2);
    await challenged('BYE', 401, digest('carrier', 'n'), stranger);
    expect(answersIn(stranger.request('BYE'))).toEqual(['Authorization carrier n 1']);
    await stranger.reply(stranger.request('BYE'), 200);
    await pass(2);
  });

  it('is for the realms that are configured alone, or for the first that the host has asked for', async () => {
    const named = await call({ credentials: bound({ realms: ['carrier'] }) });
    await challenged('INVITE', 401, digest('callee', '1'));
    expect(named.events).toMatchObject([{ name: 'refused', status: 401 }]);

    const shared = bound();
    await call({ credentials: shared });
    await challenged('INVITE', 401, digest('carrier', '1'));
    const next = await call({ credentials: shared });
    await challenged('INVITE', 401, digest('callee', '1'));
    expect(next.events).toMatchObject([{ name: 'refused', status: 401 }]);
  });

  it('is proven by the algorithms that are configured alone', async () => {
    const { events } = await call({ credentials: bound({ algorithms: ['SHA-256'] }) });
    await challenged('INVITE', 401, digest('carrier', '1', ', algorithm=MD5'));
    expect(events).toMatchObject([{ name: 'refused', status: 401 }]);
    expect(left).toMatchObject([{ code: 'sip.challenge-not-answered' }]);
  });
});
