import { Client, type ClientDuplexStream, credentials, type ServiceError } from '@grpc/grpc-js';
import { asRecorded, TandemError } from '@tandem/actors/errors';
import { channelOptions, type LinkLog, silentLog } from '@tandem/actors/link';
import type { GatewayId } from '@tandem/actors/names';
import type { LinkTls } from '@tandem/actors/peers';
import { watchPeer } from '@tandem/actors/peers';
import { type BackoffTimes, backoff, defaultBackoff } from '../../peer/index.ts';
import {
  type AnswerMessage,
  CONTROL_PROTOCOL,
  type ControlWelcome,
  controlLimits,
  controlMethod,
  type EventMessage,
  type FromMedia,
  type FromSignalling,
} from './control-method.ts';

export interface ControlLinkOptions extends GatewayId {
  /** `host:port` of the media part. */
  readonly address: string;
  /** This process; another one after each start. */
  readonly node: string;
  readonly version: string;
  /** The region's own certificate, as the media part has it. */
  readonly tls: LinkTls;
  /** Operations that were sent, or are to be, and whose answers did not come. */
  readonly unanswered: () => readonly number[];
  /** The number of the last event that came. */
  readonly heard: () => number;
  readonly welcomed: (welcome: ControlWelcome) => void;
  readonly answered: (answer: AnswerMessage) => void;
  readonly happened: (event: EventMessage) => void;
  /** Milliseconds between pings. Default 2000. */
  readonly pingInterval?: number;
  readonly backoff?: BackoffTimes;
  readonly log?: LinkLog;
}

export interface ControlLink {
  /** Sends it when the media part is there; nothing is kept for when it is. */
  send(message: FromSignalling): void;
  /** The error of what waits in vain. */
  away(): TandemError;
  /** Rejects when the media part will not have this signalling part. */
  readonly refused: Promise<never>;
  close(): Promise<void>;
}

/** Refusals that trying again does not change. */
const LASTING: ReadonlySet<string> = new Set(['link.identity', 'link.protocol']);

/** Keeps the signalling part's stream to its media part open. */
export function openControlLink(options: ControlLinkOptions): ControlLink {
  const { region, gateway, node, version, address, tls, log = silentLog } = options;
  const times = options.backoff ?? { ...defaultBackoff, most: 1000 };
  const refused = Promise.withResolvers<never>();
  refused.promise.catch(() => {});
  let stream: ClientDuplexStream<FromSignalling, FromMedia> | undefined;
  let open = false;
  let closed = false;
  let failures = 0;
  let detail = 'it has not answered yet';
  let retry: NodeJS.Timeout | undefined;
  let ended: Promise<void> = Promise.resolve();

  function connect(): void {
    const client = new Client(address, credentials.createSsl(tls.ca, tls.key, tls.cert), {
      ...channelOptions,
      'grpc.use_local_subchannel_pool': 1,
      'grpc.ssl_target_name_override': region,
      'grpc.default_authority': region,
    });
    const mine = client.makeBidiStreamRequest(
      controlMethod.path,
      controlMethod.requestSerialize,
      controlMethod.responseDeserialize,
    );
    const { promise, resolve } = Promise.withResolvers<void>();
    ended = promise;
    stream = mine;
    let over = false;
    const interval = options.pingInterval ?? controlLimits.pingInterval;
    const liveness = watchPeer(
      interval,
      () => mine.write({ ping: { heard: options.heard() } }),
      () => end('link.silent', 'it is silent'),
    );

    function end(code: string, why: string): void {
      if (over) return;
      over = true;
      liveness.stop();
      const wasOpen = open;
      open = false;
      detail = why.replace(/\.$/, '');
      mine.cancel();
      client.close();
      resolve();
      if (LASTING.has(code)) refused.reject(new TandemError('media.part-refused', { code, detail: why }));
      if (closed) return;
      if (wasOpen) log.warn({ address, code, message: why }, 'media: its part of this gateway is gone');
      failures = wasOpen ? 0 : failures + 1;
      retry = setTimeout(connect, backoff(failures, times, Math.random()));
    }

    function receive({ welcome, answer, event, ping, refusal }: FromMedia): void {
      if (refusal) end(refusal.code ?? '', refusal.message ?? '');
      else if (welcome && !open) {
        open = true;
        log.info({ address, node: welcome.node, version: welcome.version }, 'media: its part is here');
        options.welcomed(welcome);
      } else if (answer && open) options.answered(answer);
      else if (event && open) options.happened(event);
      else if (!ping)
        throw new TandemError('link.bad-message', {
          peer: `The media part at ${address}`,
          detail: 'a message that may not come now, or cannot be decoded',
        });
    }

    mine.on('data', (message: FromMedia) => {
      if (over) return;
      liveness.heard();
      try {
        receive(message);
      } catch (error) {
        const { code, message: why } = asRecorded(error);
        end(code, why);
      }
    });
    mine.on('error', (error: ServiceError) => end('link.lost', error.details || error.message));
    mine.on('end', () => end('link.lost', 'it ended the stream'));
    mine.write({
      hello: {
        region,
        gateway,
        node,
        version,
        protocol: CONTROL_PROTOCOL,
        unanswered: [...options.unanswered()],
        heard: options.heard(),
      },
    });
  }

  connect();
  return {
    refused: refused.promise,
    send(message) {
      if (open) stream!.write(message);
    },
    away: () => new TandemError('media.part-away', { address, detail }),
    async close() {
      closed = true;
      clearTimeout(retry);
      stream?.end();
      stream?.cancel();
      await ended;
    },
  };
}
