import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { selfSigned } from '@tandem/actors/testing/self-signed.ts';
import type { IncomingInvite, ServerSession, UserAgent } from './dialog/session.ts';
import type { SipMessage } from './message/message.ts';
import { parseMessage } from './message/parse-message.ts';
import { Mailbox } from './testing/mailbox.ts';
import { answerSdp, offerSdp } from './testing/raw-peer.ts';
import { openTransportLayer } from './transport/open-transport-layer.ts';
import { StreamFraming } from './transport/stream/stream-framing.ts';
import { createUserAgent } from './user-agent.ts';

const HOST = '127.0.0.1';
/** Of the same trunk, but not where the dialog's peer is. */
const OTHER_HOST = '127.0.0.2';

const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

interface Agent {
  readonly agent: UserAgent;
  readonly port: number;
  readonly invited: Promise<IncomingInvite>;
  readonly secure: boolean;
}

const openAgent = async (secure = false): Promise<Agent> => {
  const transport = await openTransportLayer({
    listen: [{ transport: secure ? 'tls' : 'tcp', address: HOST, port: 0 }],
    peers: [{ trunk: 'test', addresses: [HOST, OTHER_HOST] }],
    ...(secure && { tls: await selfSigned({ type: 'dns', value: 'gateway.example' }) }),
  });
  const agent = createUserAgent({ transport });
  opened.push(agent);
  const invited = new Promise<IncomingInvite>((resolve) => agent.onInvite(resolve));
  return { agent, port: transport.listening[0]!.port, invited, secure };
};

/** One connection of a peer's. */
class Connection {
  readonly socket: Socket;
  readonly secure: boolean;
  /** Its own; a socket that is closed has forgotten it. */
  readonly port: number;
  readonly received = new Mailbox<SipMessage>();
  readonly closed: Promise<unknown>;
  readonly #answers = new Set<string>();

  constructor(socket: Socket, secure: boolean) {
    this.socket = socket;
    this.port = socket.localPort!;
    this.secure = secure;
    this.closed = once(socket, 'close');
    const framing = new StreamFraming();
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      framing.push(chunk);
      for (let bytes = framing.next(); bytes instanceof Buffer; bytes = framing.next()) {
        const parsed = parseMessage(bytes);
        if ('message' in parsed) this.received.put(parsed.message);
      }
    });
    opened.push({ close: () => socket.destroy() });
  }

  /**
   * The next message that is no 100, and no answer that came before: a 200 is sent again when its ACK is late (RFC 3261,
   * section 13.3.1.4), as it may be on a machine with other work.
   */
  async next(): Promise<SipMessage> {
    const message = await this.received.take();
    if (message.kind === 'request') return message;
    const answer = `${message.status} ${message.headers.get('CSeq')}`;
    if (message.status === 100 || this.#answers.has(answer)) return this.next();
    this.#answers.add(answer);
    return message;
  }

  /** What the next message is: `BYE`, or `200 INVITE`. */
  async says(): Promise<string> {
    const message = await this.next();
    return message.kind === 'request' ? message.method : `${message.status} ${message.headers.get('CSeq')}`;
  }

  send(...lines: string[]): void {
    this.socket.write(lines.join('\r\n'));
  }

  async close(): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }
}

const dial = async ({ port, secure }: Agent, localAddress = HOST): Promise<Connection> => {
  const target = { port, host: HOST, localAddress };
  const socket = secure ? connectTls({ ...target, rejectUnauthorized: false }) : connect(target);
  await once(socket, secure ? 'secureConnect' : 'connect');
  return new Connection(socket, secure);
};

let branches = 0;

/** A request in the peer's call, from a Contact at this port. */
const request = (
  connection: Connection,
  method: string,
  sequence: number,
  contact: number,
  { to = '', callId = 'moving', body = '' } = {},
): void => {
  const transport = connection.secure ? 'TLS' : 'TCP';
  connection.send(
    `${method} sip:+15550100@${HOST} SIP/2.0`,
    `Via: SIP/2.0/${transport} ${HOST}:${connection.port};branch=z9hG4bK-moving-${++branches}`,
    'Max-Forwards: 70',
    `From: <sip:a@${HOST}>;tag=a`,
    `To: <sip:+15550100@${HOST}>${to}`,
    `Call-ID: ${callId}`,
    `CSeq: ${sequence} ${method}`,
    `Contact: <sip:a@${HOST}:${contact};transport=${transport.toLowerCase()}>`,
    ...(method === 'INVITE' ? ['Require: 100rel'] : []),
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body.length}`,
    '',
    body,
  );
};

interface Call {
  readonly session: ServerSession;
  /** Our tag, as the peer writes it. */
  readonly to: string;
}

/** A call that is rung for, from a Contact at a port: that of the connection itself, unless another is said. */
const ringing = async (agent: Agent, connection: Connection, contact = connection.port): Promise<Call> => {
  request(connection, 'INVITE', 1, contact, { body: offerSdp });
  const { session } = await agent.invited;
  return { session, to: `;tag=${session.dialog.localTag}` };
};

const established = async (agent: Agent, connection: Connection, contact?: number): Promise<Call> => {
  const call = await ringing(agent, connection, contact);
  const confirmed = new Promise((resolve) => call.session.on('confirmed', resolve));
  call.session.answer(answerSdp);
  expect(await connection.says()).toBe('200 1 INVITE');
  request(connection, 'ACK', 1, contact ?? connection.port, { to: call.to });
  await confirmed;
  return call;
};

describe.each([
  ['TCP', false],
  ['TLS', true],
])('a peer that has connected anew over %s and spoken in its dialog', (_, secure) => {
  it('is reached over its new connection, although its Contact has the port of the old one', async () => {
    const agent = await openAgent(secure);
    const first = await dial(agent);
    const { session, to } = await established(agent, first);
    await first.close();
    const second = await dial(agent);
    request(second, 'UPDATE', 2, first.port, { to });
    expect(await second.says()).toBe('200 2 UPDATE');
    void session.bye();
    expect(await second.says()).toBe('BYE');
  });
});

describe('a peer that has connected anew and spoken in its dialog', () => {
  it('is reached so also when nobody has noticed yet that the old connection is dead', async () => {
    const agent = await openAgent();
    const first = await dial(agent);
    const { session, to } = await established(agent, first);
    const second = await dial(agent);
    request(second, 'UPDATE', 2, first.port, { to });
    expect(await second.says()).toBe('200 2 UPDATE');
    void session.bye();
    expect(await second.says()).toBe('BYE');
    expect(first.received.size).toBe(0);
  });

  it('is sent what was on its way when the old connection was closed', async () => {
    const agent = await openAgent();
    const first = await dial(agent);
    const { session, to } = await established(agent, first);
    void session.bye();
    expect(await first.says()).toBe('BYE');
    await first.close();
    const second = await dial(agent);
    request(second, 'OPTIONS', 2, first.port, { to });
    const heard = [await second.says(), await second.says()];
    expect(heard).toContain('BYE');
  });

  it('is sent what it could not be sent while it had no connection', async () => {
    const agent = await openAgent();
    const first = await dial(agent);
    const { session, to } = await established(agent, first);
    await first.close();
    const answer = session.offer(answerSdp);
    answer.catch(() => {});
    const second = await dial(agent);
    request(second, 'INFO', 2, first.port, { to });
    const heard = [await second.says(), await second.says()];
    expect(heard.toSorted()).toEqual(['200 2 INFO', 'INVITE']);
  });

  it('gets there the answer to the INVITE that came over the old one', async () => {
    const agent = await openAgent();
    const first = await dial(agent);
    const { session, to } = await ringing(agent, first);
    session.ring();
    expect(await first.says()).toBe('180 1 INVITE');
    await first.close();
    const second = await dial(agent);
    request(second, 'OPTIONS', 2, first.port, { to });
    expect(await second.says()).toBe('200 2 OPTIONS');
    session.answer(answerSdp);
    expect(await second.says()).toBe('200 1 INVITE');
  });

  it('is still called at its Contact where somebody listens there', async () => {
    const agent = await openAgent();
    const server = createServer();
    server.listen(0, HOST);
    await once(server, 'listening');
    opened.push({ close: () => server.close() });
    const { port } = server.address() as { port: number };
    const first = await dial(agent);
    const { session, to } = await established(agent, first, port);
    await first.close();
    const second = await dial(agent);
    request(second, 'UPDATE', 2, port, { to });
    expect(await second.says()).toBe('200 2 UPDATE');
    const called = once(server, 'connection');
    void session.bye();
    const [socket] = (await called) as [Socket];
    expect(await new Connection(socket, false).says()).toBe('BYE');
    expect(second.received.size).toBe(0);
  });

  it('is reached so after a restart of the gateway, too, when it speaks first', async () => {
    const before = await openAgent();
    const first = await dial(before);
    const { session, to } = await established(before, first);
    const { dialog } = session;
    session.drop();
    await first.close();
    const after = await openAgent();
    const restored = after.agent.restore('again', dialog);
    // Nobody is there; it is waited for.
    const ended = restored.bye();
    const second = await dial(after);
    request(second, 'UPDATE', 2, first.port, { to });
    let bye = await second.next();
    while (bye.kind !== 'request') bye = await second.next();
    expect(bye.method).toBe('BYE');
    second.send(
      'SIP/2.0 200 OK',
      ...['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => `${name}: ${bye.headers.get(name)}`),
      'Content-Length: 0',
      '',
      '',
    );
    expect(await ended).toBe(200);
  });
});

describe('a connection that did not say something in the dialog from the same address', () => {
  it.each([
    ['is of another address', OTHER_HOST, {}],
    ['knows one tag only', HOST, { to: ';tag=guessed' }],
    ['knows another call', HOST, { callId: 'other' }],
  ])('gets nothing of it when it %s', async (_, address, changes) => {
    const agent = await openAgent();
    const first = await dial(agent);
    const { session, to } = await established(agent, first);
    const other = await dial(agent, address);
    request(other, 'OPTIONS', 2, first.port, { to, ...changes });
    await other.says();
    void session.bye();
    expect(await first.says()).toBe('BYE');
    expect(other.received.size).toBe(0);
  });

  it('gets nothing either when the peer has gone', async () => {
    const agent = await openAgent();
    const first = await dial(agent);
    const { session, to } = await established(agent, first);
    await first.close();
    const [other, peer] = [await dial(agent, OTHER_HOST), await dial(agent)];
    request(other, 'OPTIONS', 2, first.port, { to });
    expect(await other.says()).toBe('200 2 OPTIONS');
    void session.bye();
    request(peer, 'OPTIONS', 3, first.port, { to });
    const heard = [await peer.says(), await peer.says()];
    expect(heard).toContain('BYE');
    expect(other.received.size).toBe(0);
  });
});
