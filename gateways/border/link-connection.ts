import type { ChannelCredentials } from '@grpc/grpc-js';
import { Client, type ClientDuplexStream, type ServiceError } from '@grpc/grpc-js';
import { asRecorded, isTandemError, TandemError } from '@tandem/actors/errors/tandem-error.ts';
import type { GatewayName } from '@tandem/actors/link/gateway-name.ts';
import type { GatewayReport } from '@tandem/actors/link/gateway-report.ts';
import { limits, PROTOCOL } from '@tandem/actors/link/limits.ts';
import { watchPeer } from '@tandem/actors/link/liveness.ts';
import { isAfter, isLinkPosition } from '@tandem/actors/link/position.ts';
import {
  type CommandMessage,
  channelOptions,
  connectMethod,
  type FromMain,
  type FromRegion,
  type ReportMessage,
  type WelcomeMessage,
} from '@tandem/actors/link/service.ts';
import type { EventStore, Position } from '@tandem/actors/stores/event-store.ts';
import { relayMetadata } from './border-method.ts';
import type { CommandInbox } from './command-inbox.ts';
import { type JournalShipper, shipJournal } from './journal-shipper.ts';

/** A main region as it introduced itself. */
export interface MainPeer {
  readonly main: string;
  readonly node: string;
  readonly version: string;
}

export interface ConnectionOptions extends GatewayName {
  readonly node: string;
  readonly version: string;
  readonly main: { readonly name?: string; readonly address: string };
  /** The border that relays to the main region, where there is one. */
  readonly via?: { readonly address: string };
  readonly credentials: ChannelCredentials;
  readonly journal: EventStore;
  readonly inbox: CommandInbox;
  /** Milliseconds. */
  readonly pingInterval: number;
  readonly onWelcome: (main: MainPeer, received: Position) => void;
  /** Everything up to the position is durable in the main region. */
  readonly onDurable: (position: Position) => void;
}

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
  close(): Promise<void>;
}

/** Speaks the region's side of the protocol on one connection of its own. */
export function openConnection(options: ConnectionOptions): LinkConnection {
  const { region, gateway, node, version, main, journal, pingInterval } = options;
  const { via } = options;
  // The border's certificate is the region's, as ours is.
  const name = via ? region : main.name;
  const client = new Client(via?.address ?? main.address, options.credentials, {
    ...channelOptions,
    // A connection of its own each time: when to try again is decided by the link client alone.
    'grpc.use_local_subchannel_pool': 1,
    ...(name && { 'grpc.ssl_target_name_override': name, 'grpc.default_authority': name }),
  });
  const stream: ClientDuplexStream<FromRegion, FromMain> = client.makeBidiStreamRequest(
    connectMethod.path,
    connectMethod.requestSerialize,
    connectMethod.responseDeserialize,
    relayMetadata(via && main.address),
  );
  const { promise: ended, resolve: resolveEnded } = Promise.withResolvers<ConnectionEnd>();
  let phase: 'greeting' | 'checking' | 'open' | 'over' = 'greeting';
  let shipper: JournalShipper | undefined;
  let stopping: Promise<void> | undefined;
  let worked = false;

  const mainName = main.name ?? main.address;
  const bad = (detail: string): TandemError =>
    new TandemError('link.bad-message', { peer: `Main region ${mainName}`, detail });
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
      peer: `main region ${mainName}`,
      seconds: (limits.silentIntervals * pingInterval) / 1000,
    });

  function send(message: FromRegion): void {
    if (phase !== 'over') stream.write(message);
  }

  function end(reason: { code: string; message: string }): void {
    if (phase === 'over') return;
    phase = 'over';
    liveness.stop();
    stream.cancel();
    client.close();
    stopping = shipper?.stop();
    resolveEnded({ ...reason, worked });
  }

  const fail = (error: unknown): void => end(asRecorded(error));

  function receive(message: FromMain): void {
    if (message.ping) worked ||= phase === 'open';
    else if (message.refusal)
      end({ code: message.refusal.code ?? '', message: message.refusal.message ?? '' });
    else if (message.welcome) welcome(message.welcome);
    else if (phase !== 'open') throw bad('the first message has to be welcome or refusal');
    else if (message.ack) acknowledged(message.ack.position ?? '');
    else if (message.command) command(message.command);
    else throw bad('a message of no known kind, or one that cannot be decoded');
  }

  function welcome(message: WelcomeMessage): void {
    if (phase !== 'greeting') throw bad('a second welcome');
    const received = message.received ?? '';
    if (received !== '' && !isLinkPosition(received)) throw bad(`position ${JSON.stringify(received)}`);
    const peer = { main: message.main ?? '', node: message.node ?? '', version: message.version ?? '' };
    if (main.name !== undefined && peer.main !== main.name)
      throw new TandemError('link.identity', { claimed: peer.main, certificate: main.name });
    phase = 'checking';
    begin(peer, received).catch(fail);
  }

  async function begin(peer: MainPeer, received: Position): Promise<void> {
    const last = await lastPosition(journal);
    if (phase !== 'checking') return;
    if (isAfter(received, last))
      throw new TandemError('link.journal-behind', { main: mainName, received, last });
    phase = 'open';
    shipper = shipJournal(
      journal,
      received,
      {
        get full() {
          return phase === 'over' || stream.writableNeedDrain;
        },
        send: (events) => send({ journal: { events } }),
      },
      (error) =>
        fail(
          isTandemError(error, 'link.event-too-large')
            ? error
            : new TandemError('link.journal-failed', { detail: asRecorded(error).message }),
        ),
    );
    options.onWelcome(peer, received);
  }

  function acknowledged(position: Position): void {
    if (!isLinkPosition(position) || !shipper?.acknowledge(position))
      throw bad(`an acknowledgement of position ${JSON.stringify(position)}, which was not sent`);
    worked = true;
    options.onDurable(position);
  }

  function command(message: CommandMessage): void {
    if (stream.writableLength > limits.commands)
      throw bad(`more than ${limits.commands} commands whose results it does not read`);
    void options.inbox.take(message).then((result) => send({ result }));
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
  stream.on('drain', () => shipper?.resume());
  stream.on('error', (error: ServiceError) => fail(lost(error.details || error.message)));
  stream.on('end', () => fail(lost('the main region ended the stream')));
  send({ hello: { region, gateway, node, version, protocol: PROTOCOL } });

  return {
    ended,
    report(report) {
      if (phase === 'open' && !stream.writableNeedDrain) send({ report: report as ReportMessage });
    },
    async close() {
      fail(new TandemError('link.closed', { name: region }));
      await stopping;
    },
  };
}

async function lastPosition(journal: EventStore): Promise<Position> {
  for await (const { position } of journal.readAll({ direction: 'backwards', limit: 1 })) return position;
  return '';
}
