import { performance } from 'node:perf_hooks';
import { type ChannelCredentials, Client, type ClientDuplexStream } from '@grpc/grpc-js';
import { TandemError } from '@tandem/actors/errors';
import { channelOptions, type LinkLog, silentLog } from '@tandem/actors/link';
import type { Speech, SpeechRequest } from '../audio/speech/index.ts';
import { type BackoffTimes, backoff } from '../peer/index.ts';
import { createSpeakClient, type SpeakClient } from '../speaking/index.ts';
import { type BorderMessage, borderMethod } from './border-method.ts';
import { type BorderName, type BorderSession, openBorderSession } from './border-peer.ts';

export interface PeerClientOptions {
  readonly own: BorderName;
  /** The other region; its border's certificate is of this name. */
  readonly region: string;
  /** `host:port` */
  readonly address: string;
  readonly credentials: ChannelCredentials;
  /** Milliseconds. */
  readonly pingInterval: number;
  readonly backoff: BackoffTimes;
  readonly random: () => number;
  readonly onConnected: () => void;
  /** It was there and is not any more. */
  readonly onLost: (code: string, message: string) => void;
  readonly log?: LinkLog;
}

/** The way to another region as it is now; times in milliseconds, those of the last stream when it is down. */
export interface PeerRoute {
  readonly region: string;
  readonly up: boolean;
  readonly roundTrip?: number;
  readonly jitter?: number;
}

/** Keeps a stream to the border of one other region open. */
export interface PeerClient {
  readonly route: PeerRoute;
  /**
   * Has the region's service say a text, over a connection of its own: what is fetched must not delay the pings.
   *
   * @throws media.service-away and what `SpeakClient` throws
   */
  speak(request: SpeechRequest): Promise<Speech>;
  close(): Promise<void>;
}

export function createPeerClient(options: PeerClientOptions): PeerClient {
  const { own, region, address, log = silentLog } = options;
  let up = false;
  let closed = false;
  let failures = 0;
  let lastCode = '';
  let session: BorderSession | undefined;
  let speaking: SpeakClient | undefined;
  let measured: BorderSession['measured'] | undefined;
  let retry: NodeJS.Timeout | undefined;

  function connect(): void {
    const client = new Client(address, options.credentials, {
      ...channelOptions,
      'grpc.use_local_subchannel_pool': 1,
      'grpc.ssl_target_name_override': region,
      'grpc.default_authority': region,
    });
    const stream: ClientDuplexStream<BorderMessage, BorderMessage> = client.makeBidiStreamRequest(
      borderMethod.path,
      borderMethod.requestSerialize,
      borderMethod.responseDeserialize,
    );
    session = openBorderSession(stream, {
      own,
      expected: region,
      pingInterval: options.pingInterval,
      now: () => performance.now(),
      check(name) {
        if (name !== region)
          throw new TandemError('link.identity', { claimed: name.slice(0, 64), certificate: region });
      },
      onOpen({ node, version }) {
        up = true;
        failures = 0;
        lastCode = '';
        measured = session?.measured;
        log.info({ peer: region, node, version }, 'border: peer connected');
        options.onConnected();
      },
      onOver({ code, message }) {
        const wasUp = up;
        up = false;
        speaking?.close();
        speaking = undefined;
        stream.cancel();
        client.close();
        if (!closed) retry = setTimeout(connect, backoff(failures++, options.backoff, options.random()));
        if (!closed && code !== lastCode) {
          lastCode = code;
          log.warn({ peer: region, code, message }, 'border: peer not there; it is tried again until it is');
        }
        if (wasUp) options.onLost(code, message);
      },
    });
  }
  connect();

  return {
    get route() {
      const { roundTrip, jitter } = measured ?? {};
      return { region, up, ...(roundTrip !== undefined && { roundTrip, jitter }) };
    },
    async speak(request) {
      if (!up)
        throw new TandemError('media.service-away', {
          service: 'speech',
          region,
          detail: 'its border is not there',
        });
      speaking ??= createSpeakClient({ address, authority: region, credentials: options.credentials });
      return speaking.speak(region, request);
    },
    async close() {
      closed = true;
      clearTimeout(retry);
      session?.end(new TandemError('link.closed', { name: own.region }));
    },
  };
}
