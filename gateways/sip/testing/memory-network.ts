import { TandemError } from '@tandem/actors/errors';
import { checkMessage } from '../message/check-message.ts';
import type { SipMessage } from '../message/message.ts';
import { parseMessage } from '../message/parse-message.ts';
import { serializeMessage } from '../message/serialize-message.ts';
import type { Flow, TransportName } from '../transport/flow.ts';
import { stampReceived } from '../transport/response-flow.ts';
import type { ListeningPoint, TransportLayer } from '../transport/transport-layer.ts';

/** What becomes of one datagram: the delays of its copies, in ms; no copy is a loss. */
export type Fate = (message: SipMessage, from: string, to: string) => readonly number[];

/** A network of transport layers in one process. Messages travel as bytes, by timers, in the order of their delays. */
export class MemoryNetwork {
  /** Every message that was sent, with the addresses of sender and receiver. */
  readonly sent: { readonly message: SipMessage; readonly from: string; readonly to: string }[] = [];
  fate: Fate = () => [1];
  readonly #hosts = new Map<string, MemoryTransport>();

  /** A layer at an address, on port 5060. */
  open(address: string, transport: TransportName = 'udp'): MemoryTransport {
    const host = new MemoryTransport(this, address, transport);
    this.#hosts.set(address, host);
    return host;
  }

  /** What was sent, as `10.0.0.1 INVITE` or `10.0.0.2 200 INVITE`. */
  get log(): string[] {
    return this.sent.map(({ message, from }) => {
      const method = message.headers.get('CSeq')!.split(' ')[1];
      return message.kind === 'request' ? `${from} ${method}` : `${from} ${message.status} ${method}`;
    });
  }

  carry(message: SipMessage, from: MemoryTransport, flow: Flow): void {
    this.sent.push({ message, from: from.address, to: flow.remoteAddress });
    const bytes = serializeMessage(message);
    for (const delay of this.fate(message, from.address, flow.remoteAddress)) {
      setTimeout(() => this.#hosts.get(flow.remoteAddress)?.take(bytes, from.address), delay);
    }
  }
}

export class MemoryTransport implements TransportLayer {
  readonly address: string;
  readonly listening: readonly ListeningPoint[];
  readonly counters = {
    received: 0,
    sent: 0,
    droppedStrangers: 0,
    rateLimited: 0,
    malformed: 0,
    ignoredFields: 0,
    refusedConnections: 0,
  };
  backlog = 0;
  /** Set: nothing can be sent. */
  broken = false;
  readonly #network: MemoryNetwork;
  readonly #transport: TransportName;
  #onMessage: Parameters<TransportLayer['onMessage']>[0] = () => {};
  #onMalformed: Parameters<TransportLayer['onMalformed']>[0] = () => {};

  constructor(network: MemoryNetwork, address: string, transport: TransportName) {
    this.#network = network;
    this.#transport = transport;
    this.address = address;
    this.listening = [{ transport, address, port: 5060, advertisedAddress: address, advertisedPort: 5060 }];
  }

  onMessage(handler: Parameters<TransportLayer['onMessage']>[0]): void {
    this.#onMessage = handler;
  }

  onMalformed(handler: Parameters<TransportLayer['onMalformed']>[0]): void {
    this.#onMalformed = handler;
  }

  onFlowClosed(): void {}

  flowTo(transport: TransportName, address: string, port: number): Flow {
    if (transport !== this.#transport) throw new TandemError('sip.no-transport', { transport });
    return {
      transport,
      localAddress: this.address,
      localPort: 5060,
      remoteAddress: address,
      remotePort: port,
    };
  }

  expect(): undefined {}

  listeningPointOf(): ListeningPoint {
    return this.listening[0]!;
  }

  async send(message: SipMessage, flow: Flow): Promise<void> {
    if (this.broken)
      throw new TandemError('sip.transport-failed', {
        transport: flow.transport,
        address: flow.remoteAddress,
        port: flow.remotePort,
        detail: 'the cable is cut',
      });
    this.#network.carry(message, this, flow);
  }

  take(bytes: Buffer, from: string): void {
    const flow: Flow = { ...this.flowTo(this.#transport, from, 5060), trunk: 'peer' };
    const parsed = parseMessage(bytes);
    const error = 'error' in parsed ? parsed.error : checkMessage(parsed.message);
    const message = 'error' in parsed ? parsed.request : parsed.message;
    if (message?.kind === 'request') stampReceived(message, flow);
    if (error !== undefined)
      this.#onMalformed(error, flow, message?.kind === 'request' ? message : undefined);
    else this.#onMessage(message!, flow);
  }

  async close(): Promise<void> {}
}
