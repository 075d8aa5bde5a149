import {
  buildRequest,
  buildResponse,
  type Content,
  type Header,
  type ResponseParts,
} from '../message/build-message.ts';
import type { SipMessage, SipRequest, SipResponse } from '../message/message.ts';
import { responseFlow } from '../transport/response-flow.ts';
import type { MemoryNetwork, MemoryTransport } from './memory-network.ts';

export const offerSdp = 'v=0\r\no=a 1 1 IN IP4 10.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';
export const answerSdp = 'v=0\r\no=b 1 1 IN IP4 10.0.0.2\r\ns=-\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\n';

interface RequestChanges {
  readonly uri?: string;
  readonly branch?: string;
  readonly from?: string;
  readonly to?: string;
  readonly callId?: string;
  readonly sequence?: number;
  readonly headers?: readonly Header[];
  readonly content?: Content;
}

/** A peer that says only what the test says, and keeps what it hears. */
export class RawPeer {
  readonly received: SipMessage[] = [];
  readonly address: string;
  readonly #transport: MemoryTransport;
  readonly #to: string;
  #branches = 0;

  /** `to`: the address of the agent under test. */
  constructor(network: MemoryNetwork, address: string, to: string) {
    this.address = address;
    this.#to = to;
    this.#transport = network.open(address);
    this.#transport.onMessage((message) => this.received.push(message));
  }

  /** What was received, as `INVITE` or `200 INVITE`. */
  get heard(): string[] {
    return this.received.map((message) => {
      const method = message.headers.get('CSeq')!.split(' ')[1]!;
      return message.kind === 'request' ? method : `${message.status} ${method}`;
    });
  }

  request(method: string, index = -1): SipRequest {
    const found = this.received.filter((m) => m.kind === 'request' && m.method === method).at(index);
    if (found?.kind !== 'request') throw new Error(`No ${method} came, but: ${this.heard.join(', ')}`);
    return found;
  }

  response(status: number, method: string): SipResponse {
    const found = this.received
      .filter((m) => m.kind === 'response' && m.status === status && m.headers.get('CSeq')!.endsWith(method))
      .at(-1);
    if (found?.kind !== 'response') throw new Error(`No ${status} came, but: ${this.heard.join(', ')}`);
    return found;
  }

  /** Sends a request with a branch of its own. The defaults are those of a first INVITE. */
  async send(method: string, changes: RequestChanges = {}): Promise<SipRequest> {
    const headers = changes.headers ?? [['Max-Forwards', '70']];
    const contact: Header = ['Contact', `<sip:peer@${this.address}:5060>`];
    const branch = changes.branch ?? `z9hG4bK-${this.address}-${++this.#branches}`;
    const request = buildRequest(
      method,
      changes.uri ?? `sip:+15550100@${this.#to}`,
      [
        ['Via', `SIP/2.0/UDP ${this.address}:5060;branch=${branch};rport`],
        ['From', changes.from ?? `"Ann" <sip:+15550199@${this.address}>;tag=peer`],
        ['To', changes.to ?? `<sip:+15550100@${this.#to}>`],
        ['Call-ID', changes.callId ?? 'raw-call'],
        ['CSeq', `${changes.sequence ?? 1} ${method}`],
        ...(headers.some(([name]) => name === 'Contact') ? [] : [contact]),
        ...headers,
      ],
      changes.content,
    );
    await this.again(request);
    return request;
  }

  /** Sends a message as it is. */
  async again(message: SipMessage): Promise<void> {
    await this.#transport.send(message, this.#transport.flowTo('udp', this.#to, 5060));
  }

  /** Sends a request within the dialog that a response of the agent's has made. */
  within(response: SipResponse, method: string, sequence: number, changes: RequestChanges = {}) {
    const contact = response.headers.get('Contact') ?? `<sip:${this.#to}>`;
    return this.send(method, {
      uri: contact.slice(1, -1),
      to: response.headers.get('To')!,
      from: response.headers.get('From')!,
      callId: response.headers.get('Call-ID')!,
      sequence,
      ...changes,
    });
  }

  /** Sends a request within the dialog that the agent's INVITE has made with our tag. */
  back(invite: SipRequest, tag: string, method: string, sequence: number, changes: RequestChanges = {}) {
    const contact = invite.headers.get('Contact')!;
    return this.send(method, {
      uri: contact.slice(1, -1),
      to: invite.headers.get('From')!,
      from: `${invite.headers.get('To')!};tag=${tag}`,
      callId: invite.headers.get('Call-ID')!,
      sequence,
      ...changes,
    });
  }

  async reply(request: SipRequest, status: number, parts: ResponseParts = {}): Promise<void> {
    const contact: Header = ['Contact', `<sip:peer@${this.address}:5060>`];
    const response = buildResponse(request, status, {
      tag: 'peer',
      ...parts,
      headers: [contact, ...(parts.headers ?? [])],
    });
    const flow = this.#transport.flowTo('udp', this.#to, 5060);
    await this.#transport.send(response, responseFlow(request, flow));
  }
}
