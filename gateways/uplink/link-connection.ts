import type { ChannelCredentials } from '@grpc/grpc-js';
import { Client, type ClientDuplexStream, type ServiceError } from '@grpc/grpc-js';
import { asRecorded, TandemError } from '@tandem/actors/errors';
import type { GatewayReport } from '@tandem/actors/link';
import {
  type CommandMessage,
  channelOptions,
  checkFeatures,
  connectMethod,
  FEATURES,
  type FromMain,
  type FromRegion,
  type OwnerMessage,
  REQUIRED,
  type ReportMessage,
  type ResultMessage,
  type TakenMessage,
  type WelcomeMessage,
} from '@tandem/actors/link';
import type { GatewayId } from '@tandem/actors/names';
import { limits, PROTOCOL, patientWrites, watchPeer } from '@tandem/actors/peers';
import { relayMetadata } from '../border/index.ts';
import type { CommandInbox } from './command-inbox.ts';
import type { OwnerNews, RouterStream } from './journal-shipper.ts';

/** A main region as it introduced itself. */
export interface MainPeer {
  readonly main: string;
  /** The router there, `us1/r1`. */
  readonly router: string;
  readonly node: string;
  readonly version: string;
}

/** The journal's shipping to the router at the other end, and what is known here of who has which call. */
export interface RouterShipping {
  attach(node: string, stream: RouterStream): void;
  detach(forGood: boolean): void;
  resume(): void;
  acknowledge(messages: number): boolean;
  rewind(why: string): boolean;
  learn(news: OwnerNews): void;
  accepts(news: OwnerNews): boolean;
  /** Legs are not this gateway's any more; `kept` are those of a question that are. */
  taken(legIds: readonly string[], kept: readonly string[]): void;
}

export interface ConnectionOptions extends GatewayId {
  readonly node: string;
  readonly version: string;
  readonly main: MainAddress;
  /** The border that relays to the main region, where there is one. */
  readonly via?: { readonly address: string };
  readonly credentials: ChannelCredentials;
  readonly shipping: RouterShipping;
  readonly inbox: CommandInbox;
  /** Milliseconds. */
  readonly pingInterval: number;
  readonly onWelcome: (main: MainPeer) => void;
}

/** A router of a main region, and where it is. */
export interface MainAddress {
  /** The main region's. The certificate at the address has to be for it, and it has to call itself so. */
  readonly name: string;
  /** The router's name in it, and what it has to call itself. */
  readonly router: string;
  /** `host:port` */
  readonly address: string;
}

/** `us1/r1` */
export const formatRouter = ({ name, router }: MainAddress): string => `${name}/${router}`;

/** After these a router is not waited for: it says goodbye, or cannot do its work. */
const FOR_GOOD: ReadonlySet<string> = new Set(['link.closing', 'link.not-durable', 'link.stuck']);

/** Why a connection ended. */
export interface ConnectionEnd {
  readonly code: string;
  readonly message: string;
  /** Whether it worked before that: an event was acknowledged, or it lasted longer than a ping interval. */
  readonly worked: boolean;
}

/** One attempt at the link, and the stream if it succeeds. */
export interface LinkConnection {
  readonly ended: Promise<ConnectionEnd>;
  /** Says how the gateway is, unless the stream is not open, or too slow for it. */
  report(report: GatewayReport): void;
  /** Ends it at once. */
  giveUp(why: TandemError): void;
  close(): Promise<void>;
}

/** Milliseconds for which the other side may leave our goodbye unanswered. */
const GOODBYE = 1000;

/** Speaks the region's side of the protocol on one connection of its own. */
export function openConnection(options: ConnectionOptions): LinkConnection {
  const { region, gateway, node, version, main, shipping, pingInterval } = options;
  const { via } = options;
  // The border's certificate is the region's, as ours is.
  const name = via ? region : main.name;
  const client = new Client(via?.address ?? main.address, options.credentials, {
    ...channelOptions,
    // A connection of its own each time: when to try again is decided by the link client alone.
    'grpc.use_local_subchannel_pool': 1,
    'grpc.ssl_target_name_override': name,
    'grpc.default_authority': name,
  });
  const stream: ClientDuplexStream<FromRegion, FromMain> = client.makeBidiStreamRequest(
    connectMethod.path,
    connectMethod.requestSerialize,
    connectMethod.responseDeserialize,
    relayMetadata(via && main.address),
  );
  const { promise: ended, resolve: resolveEnded } = Promise.withResolvers<ConnectionEnd>();
  let phase: 'greeting' | 'open' | 'over' = 'greeting';
  let worked = false;
  let goodbye = false;

  const mainName = formatRouter(main);
  const bad = (detail: string): TandemError =>
    new TandemError('link.bad-message', { peer: `Router ${mainName}`, detail });
  const lost = (detail: string): TandemError => new TandemError('link.lost', { main: mainName, detail });

  const liveness = watchPeer(
    pingInterval,
    () => {
      if (!stream.writableNeedDrain) send({ ping: { time: Date.now() } });
    },
    () => fail(silence()),
  );

  const silence = (): TandemError =>
    new TandemError('link.silent', {
      peer: `router ${mainName}`,
      seconds: (limits.silentIntervals * pingInterval) / 1000,
    });

  const writes = patientWrites<FromRegion>((message) => stream.write(message));

  function send(message: FromRegion): void {
    if (phase !== 'over' && !goodbye) writes.write(message);
  }

  /** A result that says that all is well changes nothing for the router. */
  function answer(result: ResultMessage): void {
    if (phase === 'over' || goodbye) return;
    if (result.accepted) writes.writeSoon({ result });
    else writes.write({ result });
  }

  function end(reason: { code: string; message: string }): void {
    if (phase === 'over') return;
    const wasOpen = phase === 'open';
    phase = 'over';
    liveness.stop();
    writes.stop();
    stream.cancel();
    client.close();
    if (wasOpen) shipping.detach(FOR_GOOD.has(reason.code));
    resolveEnded({ ...reason, worked });
  }

  const fail = (error: unknown): void => end(asRecorded(error));

  function receive(message: FromMain): void {
    if (message.ping) worked ||= phase === 'open';
    else if (message.refusal)
      end({ code: message.refusal.code ?? '', message: message.refusal.message ?? '' });
    else if (message.welcome) welcome(message.welcome);
    else if (phase !== 'open') throw bad('the first message has to be welcome or refusal');
    else if (message.ack) acknowledged(message.ack.messages ?? 0);
    else if (message.owner) shipping.learn(newsOf(message.owner));
    else if (message.taken) taken(message.taken);
    else if (message.command) command(message.command);
    else throw bad('a message of no known kind, or one that cannot be decoded');
  }

  function welcome(message: WelcomeMessage): void {
    if (phase !== 'greeting') throw bad('a second welcome');
    const [claimed, router] = [message.main ?? '', message.router ?? ''];
    const [process, release] = [message.node ?? '', message.version ?? ''];
    if (claimed !== main.name) throw new TandemError('link.identity', { claimed, certificate: main.name });
    if (router !== main.router)
      throw new TandemError('link.other-router', { main: claimed, router, expected: main.router });
    checkFeatures(message.required, `Router ${mainName}`);
    phase = 'open';
    const peer = { main: claimed, router: formatRouter(main), node: process, version: release };
    options.onWelcome(peer);
    shipping.attach(process, {
      get full() {
        return phase === 'over' || stream.writableNeedDrain;
      },
      send: (events) => send({ journal: { events } }),
      adopt: (calls) => send({ adopt: { calls } }),
      ask: (legs) => send({ held: { legs } }),
    });
  }

  function acknowledged(messages: number): void {
    if (!shipping.acknowledge(messages)) throw bad(`an acknowledgement of ${messages} messages`);
    worked = true;
  }

  function taken({ legIds, kept }: TakenMessage): void {
    shipping.taken(legIds ?? [], kept ?? []);
  }

  /** What a router commands that does not have the call any more is not done; the new one asks for what is needed. */
  async function take(message: CommandMessage): Promise<ResultMessage> {
    const [callSid, takeovers] = [message.correlation ?? '', message.takeovers ?? 0];
    const router = formatRouter(main);
    if (callSid === '' || shipping.accepts({ callSid, router, takeovers }))
      return options.inbox.take(message, router);
    const { code, message: detail } = new TandemError('link.not-owner', { router, call: callSid });
    return { id: message.id, accepted: false, code, message: detail };
  }

  /**
   * While so much waits to be written, nothing more is read: a process that has too much to do has a router wait, and one
   * that reads no answers gets none.
   */
  function command(message: CommandMessage): void {
    if (stream.writableLength > limits.commands) stream.pause();
    void take(message).then(answer);
  }

  stream.on('data', (message: FromMain) => {
    if (phase === 'over') return;
    liveness.heard();
    try {
      receive(message);
    } catch (error) {
      fail(error);
    }
  });
  stream.on('drain', () => {
    stream.resume();
    if (phase === 'open') shipping.resume();
  });
  const closed = (): TandemError => new TandemError('link.closed', { name: region });
  stream.on('error', (error: ServiceError) =>
    fail(goodbye ? closed() : lost(error.details || error.message)),
  );
  stream.on('end', () => fail(goodbye ? closed() : lost('the main region ended the stream')));
  send({
    hello: {
      region,
      gateway,
      node,
      version,
      protocol: PROTOCOL,
      supported: [...FEATURES],
      required: [...REQUIRED],
    },
  });

  return {
    ended,
    giveUp: fail,
    report(report) {
      if (phase === 'open' && !stream.writableNeedDrain) send({ report: report as ReportMessage });
    },
    async close() {
      if (phase !== 'open') return fail(closed());
      // What was said last is to get through; then the other side ends the stream, too.
      shipping.resume();
      writes.flush();
      goodbye = true;
      stream.end();
      const impatience = setTimeout(() => fail(closed()), GOODBYE);
      await ended;
      clearTimeout(impatience);
    },
  };
}

const newsOf = ({ callSid, router, takeovers }: OwnerMessage): OwnerNews => ({
  callSid: callSid ?? '',
  router: router ?? '',
  takeovers: takeovers ?? 0,
});
