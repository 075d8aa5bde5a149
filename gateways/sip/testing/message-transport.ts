import type { Flow } from '../transport/flow.ts';
import { STRANGERS } from '../transport/peer-guard.ts';
import type { ListenerOptions, SipTransport, TransportListener } from '../transport/sip-transport.ts';
import { listenError, sendError } from '../transport/transport-errors.ts';

/** One end of a connection, as the other end sees it. */
interface End {
  readonly take: (bytes: Buffer) => void;
  readonly lost: () => void;
}

/** All that listen in this process, by address and port. */
const listeners = new Map<string, MessageListener>();
let lastPort = 50_000;

/** Connections within a process that carry whole messages, as those of WebSocket do. */
class MessageListener implements TransportListener {
  readonly port: number;
  /** Nothing waits. */
  readonly backlog = 0;
  readonly #options: ListenerOptions;
  /** The other ends of this listener's connections, by where they are. */
  readonly #ends = new Map<string, End>();

  static async open(options: ListenerOptions): Promise<MessageListener> {
    const { address, port } = options;
    if (listeners.has(placeOf(address, port))) throw listenError({ transport: 'message', address, port }, {});
    return new MessageListener(options);
  }

  private constructor(options: ListenerOptions) {
    this.#options = options;
    this.port = options.port === 0 ? ++lastPort : options.port;
    listeners.set(placeOf(options.address, this.port), this);
  }

  async send(bytes: Buffer, flow: Flow): Promise<void> {
    const end = this.#ends.get(placeOf(flow.remoteAddress, flow.remotePort)) ?? this.#connect(flow);
    setImmediate(end.take, bytes);
  }

  async close(): Promise<void> {
    listeners.delete(placeOf(this.#options.address, this.port));
    for (const { lost } of this.#ends.values()) lost();
    this.#ends.clear();
  }

  #connect(flow: Flow): End {
    const { remoteAddress, remotePort } = flow;
    const there = listeners.get(placeOf(remoteAddress, remotePort));
    if (flow.accepted || there === undefined) throw sendError(flow, 'there is no connection');
    const port = ++lastPort;
    const theirs = there.#join(this.#options.address, port, true, () => ours);
    if (theirs === undefined) throw sendError(flow, 'the connection was refused');
    const ours = this.#join(remoteAddress, remotePort, false, () => theirs);
    return theirs;
  }

  /** Takes part in a connection; undefined for a peer that may not be heard. */
  #join(address: string, port: number, accepted: boolean, other: () => End | undefined): End | undefined {
    const { guard, counters, receive, closed, address: localAddress } = this.#options;
    const listed = guard.peersAt(address);
    if (accepted && listed === undefined) {
      counters.droppedStrangers++;
      return undefined;
    }
    const peers = listed ?? STRANGERS;
    const flow: Flow = {
      transport: 'message',
      localAddress,
      localPort: this.port,
      remoteAddress: address,
      remotePort: port,
      ...(accepted && { accepted }),
      ...(peers.trunk === undefined ? { stranger: true } : { trunk: peers.trunk }),
    };
    const place = placeOf(address, port);
    this.#ends.set(place, { take: (bytes) => other()?.take(bytes), lost: () => other()?.lost() });
    return {
      take: (bytes) => {
        if (guard.takeOne(address, peers) > 0) counters.rateLimited++;
        else receive(bytes, flow);
      },
      lost: () => {
        if (this.#ends.delete(place)) closed(flow);
      },
    };
  }
}

const placeOf = (address: string, port: number): string => `${address} ${port}`;

export const message: SipTransport = {
  name: 'message',
  viaName: 'MESSAGE',
  uriName: 'message',
  defaultPort: 5080,
  isReliable: true,
  isSecure: false,
  naptrService: 'SIP+D2M',
  srvPrefix: '_sip._message',
  listen: (options) => MessageListener.open(options),
};
