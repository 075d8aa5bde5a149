import { Server, type ServerDuplexStream } from '@grpc/grpc-js';
import { asRecorded, TandemError } from '@tandem/actors/errors';
import { channelOptions, type LinkLog, listenForRegions, silentLog } from '@tandem/actors/link';
import { formatGateway, type GatewayId } from '@tandem/actors/names';
import { commonName, type LinkTls, limits, watchPeer } from '@tandem/actors/peers';
import { CODEC_NAMES } from '../../audio/codecs/index.ts';
import type { MediaPlane } from '../plane/index.ts';
import {
  CONTROL_PROTOCOL,
  type ControlHello,
  controlLimits,
  controlMethod,
  type FromMedia,
  type FromSignalling,
} from './control-method.ts';
import { SessionDesk } from './session-desk.ts';

export interface MediaServerOptions extends GatewayId {
  /** Where to listen; port 0 takes a free one. */
  readonly address: { readonly host: string; readonly port: number };
  /** This process; another one after each start. */
  readonly node: string;
  /** Release, told to signalling. */
  readonly version: string;
  /** The region's own certificate, as signalling has it. */
  readonly tls: LinkTls;
  readonly plane: MediaPlane;
  /** Milliseconds between pings. Default 2000. */
  readonly pingInterval?: number;
  /** Milliseconds for which sessions are kept for a signalling part that is away. Default 60000. */
  readonly grace?: number;
  readonly log?: LinkLog;
}

export interface MediaServer {
  readonly port: number;
  /** Sessions that signalling has here. */
  readonly sessions: number;
  /** Ends the stream and gives the port back; the plane belongs to whoever opened it. */
  close(): Promise<void>;
}

type Stream = ServerDuplexStream<FromSignalling, FromMedia>;

/**
 * The media part of a gateway: does on a media plane what the signalling part asks for. One signalling part at a time;
 * a newer stream takes the place of the older one. @throws link.listen-failed
 */
export async function createMediaServer(options: MediaServerOptions): Promise<MediaServer> {
  const { region, gateway, node, version, plane, log = silentLog } = options;
  const desk = new SessionDesk({ plane, grace: options.grace ?? controlLimits.grace, log });
  const ends = new Set<(error: TandemError) => void>();
  let current: ((error: TandemError) => void) | undefined;

  /** @throws link.protocol, link.identity */
  function check(hello: ControlHello, certificate: string): void {
    if (hello.protocol !== CONTROL_PROTOCOL)
      throw new TandemError('link.protocol', { theirs: hello.protocol ?? 0, ours: CONTROL_PROTOCOL });
    const claimed = `${hello.region}/${hello.gateway}`;
    if (certificate !== region || claimed !== formatGateway(options))
      throw new TandemError('link.identity', {
        claimed: JSON.stringify(claimed.slice(0, limits.name)),
        certificate: JSON.stringify(`${certificate}, at ${region}/${gateway}`),
      });
  }

  function serve(stream: Stream): void {
    const certificate = commonName(stream.getAuthContext().sslPeerCertificate);
    const peer = `Signalling of ${formatGateway(options)}`;
    const bad = (detail: string): never => {
      throw new TandemError('link.bad-message', { peer, detail });
    };
    let open = false;
    let over = false;
    const send = (message: FromMedia): void => {
      if (!over) stream.write(message);
    };
    const end = (error: TandemError): void => {
      if (over) return;
      const { code, message } = asRecorded(error);
      send({ refusal: { code, message: message.slice(0, limits.explanation) } });
      gone(code, message);
    };
    const gone = (code: string, message: string): void => {
      if (over) return;
      over = true;
      liveness.stop();
      ends.delete(end);
      stream.end();
      if (current !== end) return;
      current = undefined;
      desk.detach();
      log.warn({ code, message }, 'media: signalling is gone');
    };
    const interval = options.pingInterval ?? controlLimits.pingInterval;
    const liveness = watchPeer(
      interval,
      () => send({ ping: {} }),
      () =>
        end(new TandemError('link.silent', { peer, seconds: (limits.silentIntervals * interval) / 1000 })),
    );
    ends.add(end);

    function enter(hello: ControlHello): void {
      check(hello, certificate);
      current?.(
        new TandemError('link.replaced', { gateway: formatGateway(options), node: hello.node ?? '' }),
      );
      current = end;
      open = true;
      const received = desk.meet(hello.node ?? '');
      send({ welcome: { node, version, received, codecs: [...CODEC_NAMES], pipes: true } });
      desk.attach(send, hello.unanswered ?? [], hello.heard ?? 0);
      log.info({ node: hello.node, version: hello.version }, 'media: signalling is here');
    }

    stream.on('data', ({ hello, operation, ping }: FromSignalling) => {
      if (over) return;
      liveness.heard();
      try {
        if (hello && !open) enter(hello);
        else if (operation && open) desk.take(operation, bad);
        else if (ping && open) desk.heard(ping.heard ?? 0);
        else if (!ping) bad('a message that may not come now, or cannot be decoded');
      } catch (error) {
        end(error as TandemError);
      }
    });
    for (const event of ['end', 'cancelled', 'error'])
      stream.on(event, () => gone('link.lost', 'The stream ended'));
  }

  const server = new Server({
    ...channelOptions,
    // Ends connections of peers that have a certificate and say nothing.
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 10_000,
  });
  server.addService({ connect: controlMethod }, { connect: serve });
  const listener = await listenForRegions(server, options.address, options.tls);
  return {
    port: listener.port,
    get sessions() {
      return desk.sessions;
    },
    async close() {
      for (const end of [...ends]) end(new TandemError('link.closing', { main: formatGateway(options) }));
      desk.close();
      await listener.close();
    },
  };
}
