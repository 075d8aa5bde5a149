import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { SipMessage, SipRequest, SipResponse } from '@tandem/gateways/sip';
import {
  buildRequest,
  buildResponse,
  type Content,
  type Header,
  parseMessage,
  type ResponseParts,
  sdpContent,
  serializeMessage,
} from '@tandem/gateways/sip';

/** An offer or an answer of somebody at an address who hears nothing. */
export const description = (address: string): Content =>
  sdpContent(
    [
      'v=0',
      `o=raw 1 1 IN IP4 ${address}`,
      's=-',
      `c=IN IP4 ${address}`,
      't=0 0',
      'm=audio 9 RTP/AVP 0',
      'a=rtpmap:0 PCMU/8000',
      '',
    ].join('\r\n'),
  );

/** What has not come after so many milliseconds never comes. */
const LIMIT = 60_000;

/** A SIP peer over UDP that says what a test has it say, right or wrong, and keeps what it hears. */
export class RawSip {
  readonly received: SipMessage[] = [];
  /** Methods of requests that it answers with 200 by itself, and does not keep. */
  readonly answers = new Set(['OPTIONS']);
  readonly address: string;
  readonly port: number;
  readonly #socket: Socket;
  /** Where the region takes calls, on 127.0.0.1. */
  readonly #to: number;
  readonly #watchers = new Set<() => void>();
  #branches = 0;

  private constructor(socket: Socket, to: number) {
    this.#socket = socket;
    this.#to = to;
    ({ address: this.address, port: this.port } = socket.address());
    socket.on('message', (bytes) => {
      const parsed = parseMessage(bytes);
      if (!('message' in parsed)) return;
      if (parsed.message.kind === 'request' && this.answers.has(parsed.message.method)) {
        void this.reply(parsed.message, 200);
        return;
      }
      this.received.push(parsed.message);
      for (const look of [...this.#watchers]) look();
    });
  }

  /** @param to the port at which the region takes calls */
  static async open(address: string, to: number, port = 0): Promise<RawSip> {
    const socket = createSocket('udp4');
    socket.bind(port, address);
    await once(socket, 'listening');
    return new RawSip(socket, to);
  }

  /** Resolves with the first request of this method, but for so many that came before. */
  async request(method: string, index = 0): Promise<SipRequest> {
    return this.#find((one) => one.kind === 'request' && one.method === method, index) as Promise<SipRequest>;
  }

  /** Resolves with the first answer with this status, to a call if its Call-ID is given. */
  async response(status: number, callId?: string): Promise<SipResponse> {
    const fits = (one: SipMessage): boolean =>
      one.kind === 'response' &&
      one.status === status &&
      (callId === undefined || one.headers.get('Call-ID') === callId);
    return this.#find(fits, 0) as Promise<SipResponse>;
  }

  async #find(fits: (message: SipMessage) => boolean, index: number): Promise<SipMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<SipMessage>();
    const look = (): void => {
      const found = this.received.filter(fits)[index];
      if (found !== undefined) resolve(found);
    };
    const giveUp = (): void => reject(new Error(`It never came, but: ${this.#heard()}`));
    const timer = setTimeout(giveUp, LIMIT);
    this.#watchers.add(look);
    this.#socket.once('close', giveUp);
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#watchers.delete(look);
      this.#socket.off('close', giveUp);
    }
  }

  #heard(): string {
    return this.received
      .map((one) => (one.kind === 'request' ? `${one.method} ${one.uri}` : `${one.status}`))
      .join(', ');
  }

  /** @param parts with a `branch`, it is as of another transaction than the request's */
  reply(request: SipRequest, status: number, parts: ResponseParts & { branch?: string } = {}): Promise<void> {
    const { branch, ...said } = parts;
    const answer = buildResponse(request, status, { tag: 'raw', ...said });
    if (branch === undefined) return this.say(answer);
    const text = Buffer.from(serializeMessage(answer)).toString('latin1');
    return this.#send(Buffer.from(text.replace(/branch=[^;\r]+/, `branch=${branch}`), 'latin1'));
  }

  /** Acknowledges the answer to a call of its own, once that has come. */
  acknowledge(callId: string): Promise<void> {
    return this.#inCall(callId, '1 ACK');
  }

  /** Ends a call of its own, once that has been answered. */
  hangUp(callId: string): Promise<void> {
    return this.#inCall(callId, '2 BYE');
  }

  async #inCall(callId: string, sequence: string): Promise<void> {
    const { headers } = await this.response(200, callId);
    const fields: Header[] = [
      this.#via(),
      ['From', headers.get('From')!],
      ['To', headers.get('To')!],
      ['Call-ID', callId],
      ['CSeq', sequence],
      ['Max-Forwards', '70'],
    ];
    await this.say(buildRequest(sequence.slice(2), targetOf(headers.get('Contact')!), fields));
  }

  /** Calls, and leaves it at that. */
  invite(uri: string, callId: string, from: string, content: ResponseParts['content']): Promise<void> {
    const fields: Header[] = [
      this.#via(),
      ['From', `<sip:${from}@${this.address}>;tag=${callId}`],
      ['To', `<${uri}>`],
      ['Call-ID', callId],
      ['CSeq', '1 INVITE'],
      ['Contact', `<sip:raw@${this.address}:${this.port}>`],
      ['Max-Forwards', '70'],
    ];
    return this.say(buildRequest('INVITE', uri, fields, content));
  }

  /** Sends a request within the dialog that an INVITE of the region's and an answer with the tag `raw` have made. */
  within(
    invite: SipRequest,
    method: string,
    sequence: number,
    content?: ResponseParts['content'],
  ): Promise<void> {
    const { headers } = invite;
    const fields: Header[] = [
      this.#via(),
      ['From', `${headers.get('To')!};tag=raw`],
      ['To', headers.get('From')!],
      ['Call-ID', headers.get('Call-ID')!],
      ['CSeq', `${sequence} ${method}`],
      ['Max-Forwards', '70'],
    ];
    return this.say(buildRequest(method, targetOf(headers.get('Contact')!), fields, content));
  }

  #via(): Header {
    return ['Via', `SIP/2.0/UDP ${this.address}:${this.port};branch=z9hG4bK-raw-${++this.#branches}`];
  }

  say(message: SipMessage): Promise<void> {
    return this.#send(serializeMessage(message));
  }

  #send(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => this.#socket.send(bytes, this.#to, '127.0.0.1', () => resolve()));
  }

  async close(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }
}

const targetOf = (contact: string): string => /<([^>]+)>/.exec(contact)![1]!;
