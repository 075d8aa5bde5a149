import { credentials as grpcCredentials } from '@grpc/grpc-js';
import type { TandemError } from '@tandem/actors/errors';
import type { GatewayReport } from '@tandem/actors/link';
import { type LinkLog, silentLog } from '@tandem/actors/link';
import type { LinkTls } from '@tandem/actors/peers';
import { PING_INTERVAL } from '@tandem/actors/peers';
import { type BackoffTimes, backoff, defaultBackoff, refusedBackoff } from '../peer/index.ts';
import type { CommandInbox } from './command-inbox.ts';
import {
  type ConnectionEnd,
  formatRouter,
  type LinkConnection,
  type MainAddress,
  type MainPeer,
  openConnection,
  type RouterShipping,
} from './link-connection.ts';

export interface LinkClientOptions {
  /** This region; the common name of its certificate. */
  readonly region: string;
  /** The gateway whose journal and commands these are. */
  readonly gateway: string;
  /** This process; another one after each start. */
  readonly node: string;
  /** Release, told to the main region. */
  readonly version: string;
  readonly main: MainAddress;
  /** The border that relays to the main region; absent, the connection is direct. */
  readonly via?: { readonly address: string };
  readonly tls: LinkTls;
  readonly shipping: RouterShipping;
  /** One for all links of the gateway: a command that several routers send is carried out once. */
  readonly inbox: CommandInbox;
  readonly onConnected?: (main: MainPeer) => void;
  /** The link was there and is not any more, `close` included. */
  readonly onLost?: (code: string, message: string) => void;
  /** Milliseconds between pings; a main region that is silent for three of them is lost. Default 2000. */
  readonly pingInterval?: number;
  readonly backoff?: BackoffTimes;
  /** From 0 to 1. */
  readonly random?: () => number;
  readonly log?: LinkLog;
}

export interface LinkClient {
  readonly connected: boolean;
  /** Tells the main region how the gateway is; lost while the link is not there. */
  report(report: GatewayReport): void;
  /** Ends the link that is there, as the router does not do its work, and opens it again. */
  giveUp(why: TandemError): void;
  close(): Promise<void>;
}

/** Refusals that stay until somebody changes something; to try again often would only fill logs. */
const LASTING = new Set([
  'link.identity',
  'link.other-router',
  'link.region-unlisted',
  'link.unsupported',
  'link.too-many-gateways',
  'link.protocol',
  'link.bad-message',
  'link.unknown-type',
  'link.window-exceeded',
  'link.rate-exceeded',
  'link.replaced',
  'link.events-missing',
]);

/** Keeps a gateway's link to one router of a main region open for as long as it is not closed. */
export function createLinkClient(options: LinkClientOptions): LinkClient {
  const {
    region,
    gateway,
    node,
    version,
    main,
    tls,
    shipping,
    inbox,
    log = silentLog,
    random = Math.random,
  } = options;
  const times = options.backoff ?? defaultBackoff;
  const credentials = grpcCredentials.createSsl(tls.ca, tls.key, tls.cert);
  let connected = false;
  let closed = false;
  let failures = 0;
  let lastCode = '';
  let connection: LinkConnection;
  let retry: NodeJS.Timeout | undefined;

  function connect(): void {
    retry = undefined;
    connection = openConnection({
      region,
      gateway,
      node,
      version,
      main,
      credentials,
      shipping,
      inbox,
      via: options.via,
      pingInterval: options.pingInterval ?? PING_INTERVAL,
      onWelcome(peer) {
        connected = true;
        log.info({ ...peer }, 'link: connected');
        options.onConnected?.(peer);
      },
    });
    void connection.ended.then(over);
  }

  function over({ code, message, worked }: ConnectionEnd): void {
    const wasConnected = connected;
    connected = false;
    if (worked) lastCode = '';
    const mends = code === 'link.events-missing' && shipping.rewind(message);
    if (worked || mends) failures = 0;
    const lasting = !mends && LASTING.has(code);
    const wait = lasting ? refusedBackoff(times, random()) : backoff(failures, times, random());
    failures += 1;
    if (!mends) report({ code, message, seconds: wait / 1000 }, lasting);
    if (!closed) retry = setTimeout(connect, wait);
    if (wasConnected) options.onLost?.(code, message);
  }

  /** A main region that stays away for a day is one line, not one for each attempt. */
  function report(fields: { code: string; message: string; seconds: number }, lasting: boolean): void {
    if (closed || fields.code === lastCode) return;
    lastCode = fields.code;
    const line = { router: formatRouter(main), ...fields };
    if (lasting) log.error(line, 'link: refused; it is tried again, but somebody has to see to it');
    else log.warn(line, 'link: not there; it is tried again until it is');
  }

  connect();

  return {
    get connected() {
      return connected;
    },
    report: (report) => connection.report(report),
    giveUp: (why) => connection.giveUp(why),
    async close() {
      closed = true;
      clearTimeout(retry);
      await connection.close();
      await connection.ended;
    },
  };
}
