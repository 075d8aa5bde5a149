import { asRecorded, TandemError } from '@tandem/actors/errors';
import type { GatewayReport, LinkCommand } from '@tandem/actors/link';
import { type LinkLog, silentLog } from '@tandem/actors/link';
import { formatGateway, type GatewayId, idOf, isLegStream } from '@tandem/actors/names';
import type { LinkTls } from '@tandem/actors/peers';
import { saveLatest } from '@tandem/actors/peers';
import type { Checkpoints, EventStore, Position } from '@tandem/actors/stores/event-store';
import { positionWithin } from '@tandem/actors/stores/event-store';
import type { BackoffTimes } from '../peer/index.ts';
import { createCommandInbox, type TakeCommand } from './command-inbox.ts';
import { createJournalShipper, type JournalShipperOptions } from './journal-shipper.ts';
import { createLinkClient, type LinkClient } from './link-client.ts';
import { formatRouter, type MainPeer } from './link-connection.ts';
import { OpenQuestions } from './open-questions.ts';

/** A main region and its routers. */
export interface MainRegion {
  readonly name: string;
  readonly routers: readonly {
    readonly name: string;
    /** `host:port` */
    readonly address: string;
  }[];
}

export interface RouterLinksOptions extends GatewayId {
  /** This process; another one after each start. */
  readonly node: string;
  /** Release, told to the main regions. */
  readonly version: string;
  /** The nearest first: new calls go to the first that has a router. */
  readonly mains: readonly MainRegion[];
  /** The border that relays to the main regions; absent, connections are direct. */
  readonly via?: { readonly address: string };
  readonly tls: LinkTls;
  readonly journal: EventStore;
  /** How far the journal is shipped is kept here, as `shipped <main>`. */
  readonly checkpoints: Checkpoints;
  /** Legs and pipes that are live at the start, with the routers that their first events name. */
  readonly live?: JournalShipperOptions['live'];
  /** Milliseconds for which a router that was lost is waited for before its calls go to others. Default 2000. */
  readonly grace?: number;
  readonly onCommand: TakeCommand;
  /** Other gateways have legs that were this one's. */
  readonly onTaken?: (legIds: readonly string[]) => void;
  readonly onConnected?: (main: MainPeer) => void;
  /** A router was there and is not any more, `close` included. */
  readonly onLost?: (router: string, code: string, message: string) => void;
  /** Milliseconds between pings. Default 2000. */
  readonly pingInterval?: number;
  readonly backoff?: BackoffTimes;
  readonly log?: LinkLog;
}

/** A gateway's links to all routers of its main regions. */
export interface RouterLinks {
  /** Milliseconds for which no router has been there that could take a new call; 0 when one is. */
  awayFor(): number;
  /** The router for a new call, `us1/r1`: one of the nearest main region that has any. */
  choose(callSid: string): string | undefined;
  /**
   * Milliseconds for which the routers that new calls would go to have not acknowledged what they were sent: they have too
   * much to do. 0 when none is there.
   */
  waits(): number;
  /**
   * Resolves when routers have said of all legs that were live at the start whether they are still this gateway's, or
   * when that takes too long.
   *
   * @param patience milliseconds
   */
  heard(patience: number): Promise<void>;
  /** Names of the checkpoints up to which main regions have the journal. */
  readonly readers: readonly string[];
  /** Tells every router how the gateway is. */
  report(report: GatewayReport): void;
  /** Ends the links; resolves when the journal is not read any more and it is kept how far it was shipped. */
  close(): Promise<void>;
}

const GRACE = 2000;

/** Opens the links and ships the journal over them. @throws store.unavailable */
export async function openRouterLinks(options: RouterLinksOptions): Promise<RouterLinks> {
  const { mains, checkpoints, log = silentLog } = options;
  const inbox = createCommandInbox(formatGateway(options), (command, router) =>
    options.onCommand(namingRouter(command, router), router),
  );
  const questions = new OpenQuestions(
    (options.live ?? []).flatMap(({ stream, router }) =>
      isLegStream(stream) && router !== formatGateway(options) ? idOf(stream) : [],
    ),
  );
  const shipped = await Promise.all(mains.map(({ name }) => shippedTo(name, options)));
  const opened = mains.map((main, index) => {
    const checkpoint = checkpointOf(main.name);
    const saved = saveLatest<Position>(
      (position) => checkpoints.save(checkpoint, position),
      (error) => log.warn({ checkpoint, ...asRecorded(error) }, 'link: the checkpoint was not saved'),
    );
    const addresses = main.routers.map(({ name, address }) => ({ name: main.name, router: name, address }));
    const shipper = createJournalShipper({
      main: main.name,
      gateway: formatGateway(options),
      routers: addresses.map(formatRouter),
      journal: options.journal,
      after: shipped[index]!,
      grace: options.grace ?? GRACE,
      live: options.live ?? [],
      takesUnknown: index === 0,
      onDurable: (position) => saved.put(position),
      onRewind: (message) =>
        log.warn(
          { main: main.name, code: 'link.events-missing', message },
          'link: the journal is shipped again from its beginning',
        ),
      onError: (error) => log.error({ main: main.name, ...asRecorded(error) }, 'link: shipping is held up'),
      onStuck: (router, seconds) =>
        clients[addresses.findIndex((address) => formatRouter(address) === router)]?.giveUp(
          new TandemError('link.stuck', { router, seconds }),
        ),
    });
    const clients: readonly LinkClient[] = addresses.map((address) => {
      const router = formatRouter(address);
      const { region, gateway, node, version, via, tls, onConnected, onLost, pingInterval, backoff } =
        options;
      return createLinkClient({
        region,
        gateway,
        node,
        version,
        via,
        tls,
        inbox,
        onConnected,
        pingInterval,
        backoff,
        log,
        main: address,
        shipping: {
          attach: (process, stream) => shipper.attach(router, process, stream),
          detach: (forGood) => shipper.detach(router, forGood),
          resume: () => shipper.resume(router),
          acknowledge: (messages) => shipper.acknowledge(router, messages),
          rewind: (why) => shipper.rewind(router, why),
          learn: (news) => shipper.learn(news),
          accepts: (news) => shipper.accepts(news),
          taken(legIds, kept) {
            if (legIds.length > 0) options.onTaken?.(legIds);
            questions.answered([...legIds, ...kept]);
          },
        },
        onLost: (code, message) => onLost?.(router, code, message),
      });
    });
    return { shipper, clients, saved };
  });

  const choose = (callSid: string): string | undefined => {
    for (const { shipper } of opened) {
      const router = shipper.choose(callSid);
      if (router !== undefined) return router;
    }
    return undefined;
  };

  return {
    awayFor: () => Math.min(...opened.map(({ shipper }) => shipper.awayFor())),
    choose,
    waits: () => opened.find(({ shipper }) => shipper.choose('') !== undefined)?.shipper.waits() ?? 0,
    heard: (patience) => questions.allAnswered(patience),
    readers: mains.map(({ name }) => checkpointOf(name)),
    report(report) {
      for (const { clients } of opened) for (const client of clients) client.report(report);
    },
    async close() {
      await Promise.all(opened.flatMap(({ clients }) => clients.map((client) => client.close())));
      await Promise.all(opened.map(({ shipper }) => shipper.close()));
      await Promise.all(opened.map(({ saved }) => saved.idle()));
    },
  };
}

/** What a leg or pipe begins with says whose call it belongs to, for this process and the one after it. */
const namingRouter = (command: LinkCommand, router: string): LinkCommand =>
  command.type === 'LegRequested' || command.type === 'PipeRequested'
    ? { ...command, data: { ...command.data, router } }
    : command;

/**
 * How far the journal was shipped before. One that ends before that is another one than then, which is said at once: it
 * may have grown by the time that it is asked for again.
 */
async function shippedTo(
  main: string,
  { checkpoints, journal }: Pick<RouterLinksOptions, 'checkpoints' | 'journal'>,
): Promise<Position> {
  const saved = await checkpoints.load(checkpointOf(main));
  const position = (await positionWithin(journal, saved)) ?? '';
  if (saved !== undefined && position !== saved) await checkpoints.save(checkpointOf(main), position);
  return position;
}

const checkpointOf = (main: string): string => `shipped ${main}`;
