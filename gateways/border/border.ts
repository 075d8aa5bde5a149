import { credentials as grpcCredentials, Server, type ServerDuplexStream } from '@grpc/grpc-js';
import { TandemError } from '@tandem/actors/errors';
import { channelOptions, type LinkLog, listenForRegions, silentLog } from '@tandem/actors/link';
import { checkGateway, commonName, gatewaysNamed, type LinkTls, PING_INTERVAL } from '@tandem/actors/peers';
import type { Speech, SpeechRequest } from '../audio/speech/index.ts';
import { type BackoffTimes, defaultBackoff } from '../peer/index.ts';
import {
  createSpeakServer,
  type SpeakFor,
  type SpeakStream,
  speakLimits,
  speakMethod,
} from '../speaking/index.ts';
import { type BorderMessage, borderMethod } from './border-method.ts';
import { type BorderName, type BorderSession, openBorderSession } from './border-peer.ts';
import { createPeerClient, type PeerRoute } from './peer-client.ts';
import { createRelay, rawConnectMethod } from './relay.ts';

export interface BorderOptions extends BorderName {
  /** The gateway in this process. */
  readonly gateway: string;
  /** Where to listen; port 0 takes a free one. */
  readonly address: { readonly host: string; readonly port: number };
  readonly tls: LinkTls;
  /** The main regions that further gateways may be relayed to. */
  readonly mains: readonly { readonly name?: string; readonly address: string }[];
  /** The other regions whose borders this one knows. */
  readonly peers: readonly { readonly region: string; readonly address: string }[];
  /** Says texts for peers, if this gateway has speech of its own. */
  readonly speak?: SpeakFor;
  /** A peer's border answers ours, or does not any more. */
  readonly onPeerConnected?: (region: string) => void;
  readonly onPeerLost?: (region: string, code: string, message: string) => void;
  /** Milliseconds between pings; a peer that is silent for three of them is lost. Default 2000. */
  readonly pingInterval?: number;
  readonly backoff?: BackoffTimes;
  /** From 0 to 1. */
  readonly random?: () => number;
  readonly log?: LinkLog;
}

/** A region's door: to other regions' borders, and to main regions for its further gateways. */
export interface Border {
  readonly port: number;
  /** Links of further gateways that it relays. */
  readonly relayed: number;
  /** The ways to the peers, as measured now. */
  routes(): PeerRoute[];
  /** Has the speech service of a peer say a text. @throws media.service-away, and what `SpeakClient` throws */
  speak(region: string, request: SpeechRequest): Promise<Speech>;
  close(): Promise<void>;
}

/** Opens a region's border. @throws link.listen-failed */
export async function openBorder(options: BorderOptions): Promise<Border> {
  const { region, gateway, node, version, mains, peers, tls, log = silentLog } = options;
  const own = { region, node, version };
  const pingInterval = options.pingInterval ?? PING_INTERVAL;
  const credentials = grpcCredentials.createSsl(tls.ca, tls.key, tls.cert);
  const relay = createRelay({ region, gateway, mains, credentials, log });
  const guests = new Set<BorderSession>();

  function welcome(stream: ServerDuplexStream<BorderMessage, BorderMessage>): void {
    const shown = stream.getAuthContext().sslPeerCertificate;
    const certificate = commonName(shown);
    const session = openBorderSession(stream, {
      own,
      pingInterval,
      now: () => performance.now(),
      check(name) {
        if (name !== certificate)
          throw new TandemError('link.identity', { claimed: name.slice(0, 64), certificate });
        checkGateway(gatewaysNamed(shown), `${name} (its border)`);
        if (!peers.some((peer) => peer.region === name))
          throw new TandemError('border.unknown-peer', { region, peer: name });
      },
      onOpen: (peer) => log.info({ peer: peer.region, node: peer.node }, 'border: a peer connected to us'),
      onOver() {
        guests.delete(session);
        stream.end();
      },
    });
    guests.add(session);
  }

  const server = new Server({
    ...channelOptions,
    'grpc.max_concurrent_streams': 4 + 2 * speakLimits.atOnce,
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 10_000,
  });
  server.addService(
    { connect: rawConnectMethod },
    {
      connect(stream: ServerDuplexStream<Buffer, Buffer>) {
        const certificate = stream.getAuthContext().sslPeerCertificate;
        relay.accept(stream, commonName(certificate), gatewaysNamed(certificate));
      },
    },
  );
  const serveSpeech = createSpeakServer({ region, peers, own: options.speak, ask: speak });
  server.addService(
    { connect: borderMethod, speak: speakMethod },
    {
      connect: welcome,
      speak: (stream: SpeakStream) =>
        serveSpeech(stream, commonName(stream.getAuthContext().sslPeerCertificate)),
    },
  );
  const listener = await listenForRegions(server, options.address, tls);
  const clients = peers.map((peer) =>
    createPeerClient({
      own,
      credentials,
      pingInterval,
      log,
      region: peer.region,
      address: peer.address,
      backoff: options.backoff ?? defaultBackoff,
      random: options.random ?? Math.random,
      onConnected: () => options.onPeerConnected?.(peer.region),
      onLost: (code, message) => options.onPeerLost?.(peer.region, code, message),
    }),
  );

  async function speak(peer: string, request: SpeechRequest): Promise<Speech> {
    const client = clients.find(({ route }) => route.region === peer);
    if (!client) throw new TandemError('border.unknown-peer', { region, peer });
    return client.speak(request);
  }

  return {
    port: listener.port,
    get relayed() {
      return relay.streams;
    },
    routes: () => clients.map(({ route }) => route),
    speak,
    async close() {
      relay.close();
      for (const guest of [...guests]) guest.end(new TandemError('link.closed', { name: region }));
      await Promise.all(clients.map((client) => client.close()));
      await listener.close();
    },
  };
}
