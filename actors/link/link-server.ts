import { Server } from '@grpc/grpc-js';
import { asRecorded, isTandemError, TandemError } from '../errors/index.ts';
import { formatGateway, type GatewayId } from '../names/index.ts';
import { commonName, gatewaysNamed, type LinkTls, limits, PING_INTERVAL } from '../peers/index.ts';
import {
  type CommandOutbox,
  type CommandResult,
  createCommandOutbox,
  type LinkCommand,
} from './command-outbox.ts';
import type { GatewayReport } from './gateway-report.ts';
import { createJournalIntake, type JournalIntake, type TakeEvents } from './journal-intake.ts';
import { listenForRegions } from './link-listener.ts';
import { type LinkLog, silentLog } from './link-log.ts';
import {
  type AdoptedCall,
  type GatewayPeer,
  type HeldLeg,
  type LinkSession,
  type LinkSessionHost,
  openSession,
  type RegionStream,
} from './link-session.ts';
import { channelOptions, connectMethod, type OwnerMessage } from './service.ts';

export interface LinkServerOptions {
  /** Where to listen; port 0 takes a free one. */
  readonly address: { readonly host: string; readonly port: number };
  /** Name of this main region; regions may insist on it. */
  readonly main: string;
  /** Name of this router in it, `r1`; gateways insist on it. */
  readonly router: string;
  /** This process; another one after each start. */
  readonly node: string;
  /** Release, told to regions. */
  readonly version: string;
  readonly tls: LinkTls;
  /** The regions that may connect; absent, every one that has a certificate of the authority. */
  readonly regions?: readonly string[];
  readonly onEvents: TakeEvents;
  /** Calls that a gateway gives to this router, before the events that concern them. */
  readonly onAdopt: (from: GatewayId, calls: readonly AdoptedCall[]) => Promise<void>;
  /** Of legs that a gateway has, those that are not its own any more. */
  readonly onHeld: (from: GatewayId, legs: readonly HeldLeg[]) => Promise<string[]>;
  /** A gateway's stream is ready for commands. */
  readonly onGatewayUp?: (peer: GatewayPeer) => void;
  /** It is not any more; called once for each `onGatewayUp`. */
  readonly onGatewayDown?: (peer: GatewayPeer, reason: { code: string; message: string }) => void;
  /** How a connected gateway says that it is; the newest report counts. */
  readonly onReport?: (peer: GatewayPeer, report: GatewayReport) => void;
  /** Milliseconds between pings; a gateway that is silent for three of them is lost. Default 2000. */
  readonly pingInterval?: number;
  /** Milliseconds for which a command waits for a gateway's answer. Default 30000. */
  readonly commandExpiry?: number;
  /** Commands that may wait for one gateway's answers. Default and most: 1000. */
  readonly commandsWaiting?: number;
  readonly log?: LinkLog;
}

/** A gateway that is connected now. */
export interface ConnectedGateway extends GatewayPeer {
  /** Commands that it has not answered. */
  readonly waiting: number;
}

export interface LinkServer {
  readonly port: number;
  /**
   * Has an actor of a gateway take a command. The command is kept, and sent again after a break, until the gateway
   * answers or the time for it is over.
   *
   * @throws link.region-unreachable, link.region-busy, link.command-too-large, link.unknown-type, link.closed
   */
  command(to: GatewayId, command: LinkCommand): Promise<CommandResult>;
  gateways(): ConnectedGateway[];
  /** Tells a gateway which router has a call, if it is connected. */
  owner(to: GatewayId, owner: OwnerMessage): void;
  /** Tells a gateway of legs that are not its own any more, if it is connected. */
  taken(to: GatewayId, legIds: readonly string[]): void;
  /** Says goodbye on all streams, lets what came in become durable, and gives the port back. */
  close(): Promise<void>;
}

/** Processes of one gateway that are remembered to have been replaced. */
const REPLACED = 100;

interface Line {
  readonly intake: JournalIntake;
  readonly outbox: CommandOutbox;
  /** The stream that the gateway opened last. */
  session?: LinkSession;
  /** Processes whose streams newer processes of the same name took the place of, while these are there. */
  readonly replaced: Set<string>;
  up: boolean;
}

/** Opens a main region's side of the region link. @throws link.listen-failed */
export async function createLinkServer(options: LinkServerOptions): Promise<LinkServer> {
  const { main, router, node, version, log = silentLog } = options;
  const lines = new Map<string, Line>();
  const sessions = new Set<LinkSession>();
  let closing = false;

  function lineOf({ region, gateway }: GatewayId): Line {
    const from = { region, gateway };
    const known = lines.get(formatGateway(from));
    if (known) return known;
    const line: Line = {
      intake: createJournalIntake(from, options.onEvents),
      outbox: createCommandOutbox(
        formatGateway(from),
        options.commandExpiry ?? 30_000,
        Math.min(options.commandsWaiting ?? limits.commands, limits.commands),
      ),
      up: false,
      replaced: new Set(),
    };
    lines.set(formatGateway(from), line);
    return line;
  }

  /** @throws link.too-many-gateways */
  function checkRoomFor(peer: GatewayId): void {
    if (lines.has(formatGateway(peer))) return;
    const count = [...lines.keys()].filter((key) => key.startsWith(`${peer.region}/`)).length;
    if (count >= limits.gateways)
      throw new TandemError('link.too-many-gateways', { region: peer.region, limit: limits.gateways });
  }

  async function welcome(session: LinkSession, peer: GatewayPeer, line: Line): Promise<void> {
    await line.intake.resume();
    if (line.session !== session) return;
    line.up = true;
    session.welcome({ main, router, node, version });
    line.outbox.attach((command) => session.command(command));
    log.info({ ...peer }, 'link: gateway connected');
    options.onGatewayUp?.(peer);
  }

  const notDurable = (from: GatewayId, error: unknown): TandemError =>
    new TandemError(
      'link.not-durable',
      { gateway: formatGateway(from), detail: asRecorded(error).message },
      { cause: error },
    );

  const host: LinkSessionHost = {
    pingInterval: options.pingInterval ?? PING_INTERVAL,
    entered(session, peer) {
      const { region } = peer;
      if (options.regions && !options.regions.includes(region))
        throw new TandemError('link.region-unlisted', { main, region, listed: options.regions.join(', ') });
      checkRoomFor(peer);
      const line = lineOf(peer);
      const current = line.session?.peer;
      // A process that was replaced and is still there is no restart: two run under one name, and must not take turns.
      if (current && line.replaced.has(peer.node))
        throw new TandemError('link.replaced', { gateway: formatGateway(peer), node: current.node });
      const replaced = [...line.replaced, ...(current && current.node !== peer.node ? [current.node] : [])];
      line.session?.refuse(
        new TandemError('link.replaced', { gateway: formatGateway(peer), node: peer.node }),
      );
      line.session = session;
      for (const node of replaced.slice(-REPLACED)) line.replaced.add(node);
      welcome(session, peer, line).catch((error) => session.refuse(notDurable(peer, error)));
    },
    async take(session, events) {
      const from = session.peer!;
      try {
        return await lineOf(from).intake.take(events);
      } catch (error) {
        throw isTandemError(error, 'link.events-missing') ? error : notDurable(from, error);
      }
    },
    adopt: (session, calls) => options.onAdopt(session.peer!, calls),
    taken: (session, legs) => options.onHeld(session.peer!, legs),
    reported(session, report) {
      const peer = session.peer!;
      if (lineOf(peer).session === session) options.onReport?.(peer, report);
    },
    answered: (session, result) => lineOf(session.peer!).outbox.settle(result),
    left(session, reason) {
      sessions.delete(session);
      const { peer } = session;
      const line = peer && lines.get(formatGateway(peer));
      log.warn({ region: peer?.region, gateway: peer?.gateway, ...reason }, 'link: stream over');
      if (!peer || line?.session !== session) return;
      line.session = undefined;
      line.replaced.clear();
      line.outbox.detach();
      if (!line.up) return;
      line.up = false;
      options.onGatewayDown?.(peer, reason);
    },
  };

  const server = new Server({
    ...channelOptions,
    'grpc.max_concurrent_streams': 4,
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 10_000,
  });
  server.addService(
    { connect: connectMethod },
    {
      connect(stream: RegionStream) {
        const certificate = stream.getAuthContext().sslPeerCertificate;
        const session = openSession(stream, commonName(certificate), host, gatewaysNamed(certificate));
        sessions.add(session);
        if (closing) session.refuse(new TandemError('link.closing', { main }));
      },
    },
  );
  const listener = await listenForRegions(server, options.address, options.tls);

  return {
    port: listener.port,
    command: (to, command) => lineOf(to).outbox.add(command),
    gateways: () =>
      [...lines.values()].flatMap(({ up, session, outbox }) =>
        up && session?.peer ? [{ ...session.peer, waiting: outbox.waiting }] : [],
      ),
    owner: (to, owner) => lines.get(formatGateway(to))?.session?.owner(owner),
    taken: (to, legIds) => lines.get(formatGateway(to))?.session?.taken({ legIds: [...legIds] }),
    async close() {
      closing = true;
      for (const session of [...sessions]) session.refuse(new TandemError('link.closing', { main }));
      for (const { outbox } of lines.values()) outbox.close();
      await Promise.all([...lines.values()].map(({ intake }) => intake.idle()));
      await listener.close();
    },
  };
}
