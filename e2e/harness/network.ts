import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ensureDevelopmentCertificates } from '@tandem/actors/peers';
import type { EventStore, RecordedEvent } from '@tandem/actors/stores/event-store';
import { freePort, portRange } from '@tandem/actors/testing/free-port.ts';
import { stringify } from 'yaml';
import { type Application, ApplicationServer } from './application-server.ts';
import { type ExternalStore, STORE_COMMAND, startStore } from './external-store.ts';
import { TandemProcess } from './process.ts';
import { readAll, readStore } from './read-store.ts';

export const ACCOUNT = `AC${'1'.repeat(32)}`;
export const AUTH_TOKEN = 'a-token-that-is-no-secret';
export const NUMBER = '+15550100';

/** A number whose application has a fallback. */
export const NUMBER_WITH_FALLBACK = '+15550101';

/** A number of another account, whose application is at `/other`. */
export const NUMBER_OF_OTHERS = '+15550102';
const OTHERS = `AC${'2'.repeat(32)}`;

export interface NetworkOptions {
  readonly application: Application;
  /** Seconds without a packet after which a leg's media counts as stopped; 0 (never) unless given. */
  readonly silenceLimit?: number;
  /** Legs at once; 1000 unless given. */
  readonly capacity?: number;
  /** Pairs of RTP ports; 20 unless given. */
  readonly ports?: number;
  /** What the main region stores events in, instead of a store of its own. */
  readonly store?: () => Promise<ExternalStore>;
  /** Seconds for which a call waits for a router; as configured by default unless given. */
  readonly offerPatience?: number;
  /** The main region has a second router, `r2`, and the two share a store server. */
  readonly secondRouter?: boolean;
  /**
   * Seconds for which a gateway may be away before it counts as lost. The most there is unless given, for the tests in which
   * one is started again: how long that takes is the machine's affair.
   */
  readonly gatewayPatience?: number;
  /** The media part of the region's gateway is a process of its own. */
  readonly mediaApart?: boolean;
  /** The region listens on TLS, too, and the carrier trunk leads to `localhost` over TLS. */
  readonly tls?: {
    /** PEM. */
    readonly cert: string;
    readonly key: string;
    /** Of the authority that has signed the carrier's. */
    readonly ca: string;
  };
  /** The region's trunks, made of what they are unless this says otherwise, the carrier's first; `sip` is where it takes calls. */
  readonly trunks?: (usual: readonly TrunkSettings[], sip: string) => readonly TrunkSettings[];
  /** Private networks that the region may send calls to besides its trunks' own. */
  readonly sipNetworks?: readonly string[];
  /** Further regions that the main region takes, with certificates; nothing runs them. */
  readonly moreRegions?: readonly string[];
  /** The main region's routing policy is asked over gRPC, at `routingPort`. */
  readonly asksRouting?: boolean;
  /** A name server, `address:port`, that the main region asks in place of the machine's. */
  readonly nameServer?: string;
  /** What its account is besides what it always is. */
  readonly account?: Readonly<Record<string, unknown>>;
  /** The region has a further gateway, `gw2`, behind its border. */
  readonly further?: {
    /** Legs at once; 1000 unless given. */
    readonly capacity?: number;
  };
}

/** An account that may have as many calls as the network carries. */
export const UNLIMITED = { limits: { calls: 1_000_000, callsPerSecond: 100_000 } };

/** A trunk as it is in the region's configuration. */
export type TrunkSettings = Readonly<Record<string, unknown>>;

/** What the REST API says of a gateway. */
export interface GatewayAnswer {
  readonly name: string;
  readonly healthy: boolean;
  readonly linked: boolean;
  readonly draining: boolean;
  readonly legs: number;
  readonly capacity: number;
}

/** Writes what SIP over TLS is to have into files; where they are. */
async function writeTls(directory: string, tls: NonNullable<NetworkOptions['tls']>) {
  const files = {
    cert: join(directory, 'sip.crt'),
    key: join(directory, 'sip.key'),
    ca: join(directory, 'sip-ca.crt'),
  };
  for (const [what, file] of Object.entries(files)) await writeFile(file, tls[what as keyof typeof files]);
  return files;
}

/** A main region and a local region as two processes on loopback, an application, and where a carrier is. */
export class Network {
  readonly directory: string;
  readonly application: ApplicationServer;
  /** Where the region takes calls: `127.0.0.1:port` over UDP and TCP. */
  readonly sip: string;
  readonly sipPort: number;
  /** Where it takes calls over TLS, when it does. */
  readonly sipTlsPort: number;
  readonly apiPort: number;
  /** Where the first router takes the links of regions. */
  readonly linkPort: number;
  /** Where gateways of the region find its border, its media part the signalling, and others the routing policy. */
  readonly borderPort: number;
  readonly controlPort: number;
  readonly routingPort: number;
  /** Where the region's carrier trunk sends calls, and where it sends what that cannot take. */
  readonly carrierPort: number;
  readonly secondCarrierPort: number;
  /** Where the further gateway takes calls, if there is one. */
  readonly furtherSipPort: number;
  main!: TandemProcess;
  /** The second router, and the store that both share, if there is one. */
  second?: TandemProcess;
  store?: TandemProcess;
  /** The store that is not of the main region, and where all events are. */
  #external: ExternalStore | undefined;
  #events: string;
  region!: TandemProcess;
  further?: TandemProcess;
  media?: TandemProcess;

  /** Of the main region's process, besides what each has. */
  readonly #env: Readonly<Record<string, string>>;

  private constructor(
    directory: string,
    application: ApplicationServer,
    env: Readonly<Record<string, string>>,
    ports: {
      sip: number;
      sipTls: number;
      api: number;
      link: number;
      carrier: number;
      secondCarrier: number;
      furtherSip: number;
      border: number;
      control: number;
      routing: number;
    },
  ) {
    this.directory = directory;
    this.application = application;
    this.#env = env;
    this.sipPort = ports.sip;
    this.sip = `127.0.0.1:${ports.sip}`;
    this.sipTlsPort = ports.sipTls;
    this.apiPort = ports.api;
    this.linkPort = ports.link;
    this.carrierPort = ports.carrier;
    this.secondCarrierPort = ports.secondCarrier;
    this.furtherSipPort = ports.furtherSip;
    this.#events = join(directory, 'us1/events.db');
    this.borderPort = ports.border;
    this.controlPort = ports.control;
    this.routingPort = ports.routing;
  }

  /** Where the further gateway takes calls: `127.0.0.1:port` over UDP. */
  get furtherSip(): string {
    return `127.0.0.1:${this.furtherSipPort}`;
  }

  static async start(options: NetworkOptions): Promise<Network> {
    const directory = await mkdtemp(join(tmpdir(), 'tandem-e2e-'));
    const application = await ApplicationServer.start(AUTH_TOKEN, options.application);
    const [link, sip, sipTls, api, carrier, secondCarrier, furtherSip, border] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ];
    const certificates = join(directory, 'certificates');
    const regions = ['ie1', ...(options.moreRegions ?? [])];
    await ensureDevelopmentCertificates(certificates, { main: 'us1', regions });
    const rtp = await portRange(options.ports ?? 20);
    const [shared, secondLink, secondApi] = [await freePort(), await freePort(), await freePort()];
    const open =
      options.store ??
      (STORE_COMMAND === undefined ? undefined : () => startStore(STORE_COMMAND!, directory));
    const external = await open?.();
    const own = options.secondRouter
      ? `esdb://127.0.0.1:${shared}?tls=false`
      : `sqlite:${join(directory, 'us1/events.db')}`;
    const [control, routing] = [await freePort(), await freePort()];
    const main = {
      main: 'us1',
      store: external?.url ?? own,
      data: join(directory, 'us1'),
      link: {
        listen: `127.0.0.1:${link}`,
        certificates,
        gatewayPatience: options.gatewayPatience ?? 300,
      },
      api: { listen: `127.0.0.1:${api}` },
      applications: { allowPrivateNetworks: true },
      regions,
      ...(options.asksRouting && { routing: { listen: `127.0.0.1:${routing}` } }),
      accounts: [
        { sid: ACCOUNT, authToken: AUTH_TOKEN, name: 'Test', operator: true, ...options.account },
        { sid: OTHERS, authToken: AUTH_TOKEN, name: 'Others' },
      ],
      numbers: [
        { number: NUMBER, account: ACCOUNT, voiceUrl: `${application.url}/voice` },
        {
          number: NUMBER_WITH_FALLBACK,
          account: ACCOUNT,
          voiceUrl: `${application.url}/voice`,
          fallbackUrl: `${application.url}/fallback`,
        },
        { number: NUMBER_OF_OTHERS, account: OTHERS, voiceUrl: `${application.url}/other` },
      ],
    };
    await writeFile(join(directory, 'us1.yaml'), stringify(main));
    if (options.secondRouter)
      await writeFile(
        join(directory, 'us1-r2.yaml'),
        stringify({
          ...main,
          router: 'r2',
          data: join(directory, 'us1-r2'),
          link: { ...main.link, listen: `127.0.0.1:${secondLink}` },
          api: { listen: `127.0.0.1:${secondApi}` },
        }),
      );
    const routers = [
      { name: 'r1', address: `127.0.0.1:${link}` },
      { name: 'r2', address: `127.0.0.1:${secondLink}` },
    ];
    const pipes = options.further && (await portRange(20));
    const tls = options.tls && (await writeTls(directory, options.tls));
    const usual: readonly TrunkSettings[] = [
      {
        name: 'carrier',
        allow: ['127.0.0.1/32'],
        address: `${tls ? 'localhost' : '127.0.0.1'}:${carrier}`,
        ...(tls && { transport: 'tls' }),
        prefixes: ['+1'],
        // Telephones in scenarios share its host.
        sipUris: 'any',
      },
      {
        name: 'second-carrier',
        allow: ['127.0.0.2/32'],
        address: `127.0.0.1:${secondCarrier}`,
        prefixes: ['+1'],
        sipUris: 'any',
      },
    ];
    const region = {
      region: 'ie1',
      gateway: 'gw1',
      data: join(directory, 'ie1'),
      link: {
        mains: [
          options.secondRouter ? { name: 'us1', routers } : { name: 'us1', address: `127.0.0.1:${link}` },
        ],
        certificates,
        ...(options.offerPatience !== undefined && { offerPatience: options.offerPatience }),
      },
      ...(options.further && { border: { listen: `127.0.0.1:${border}` } }),
      sip: {
        listen: [`udp:127.0.0.1:${sip}`, `tcp:127.0.0.1:${sip}`, ...(tls ? [`tls:127.0.0.1:${sipTls}`] : [])],
        ...(tls && { tls }),
        ...(options.sipNetworks && { allowPrivateNetworks: options.sipNetworks }),
      },
      media: {
        bind: '127.0.0.1',
        ports: `${rtp.first}-${rtp.last}`,
        silenceLimit: options.silenceLimit ?? 0,
        ...(options.mediaApart && { control: `127.0.0.1:${control}` }),
        ...(pipes && { pipes: { ports: `${pipes.first}-${pipes.last}` } }),
      },
      downloads: { allowPrivateNetworks: true },
      capacity: options.capacity ?? 1000,
      // Whatever is waited for before a restart, the test has it happen.
      restartPatience: 300,
      trunks: options.trunks?.(usual, `127.0.0.1:${sip}`) ?? usual,
    };
    await writeFile(join(directory, 'ie1.yaml'), stringify(region));
    if (options.further) {
      const [own, ownPipes] = [await portRange(options.ports ?? 20), await portRange(20)];
      const { border: _ours, ...shared } = region;
      const { control: _theirs, ...media } = region.media;
      await writeFile(
        join(directory, 'ie1-gw2.yaml'),
        stringify({
          ...shared,
          gateway: 'gw2',
          data: join(directory, 'ie1-gw2'),
          link: { ...region.link, border: `127.0.0.1:${border}` },
          sip: { listen: [`udp:127.0.0.1:${furtherSip}`] },
          media: {
            ...media,
            ports: `${own.first}-${own.last}`,
            pipes: { ports: `${ownPipes.first}-${ownPipes.last}` },
          },
          capacity: options.further.capacity ?? 1000,
        }),
      );
    }
    const network = new Network(directory, application, asking(options.nameServer), {
      sip,
      sipTls,
      api,
      link,
      carrier,
      secondCarrier,
      furtherSip,
      border,
      control,
      routing,
    });
    network.#external = external;
    if (external) network.#events = external.url;
    else if (options.secondRouter) await network.#startStore(shared);
    await network.startMain();
    if (options.secondRouter) await network.startSecond();
    if (options.mediaApart) await network.startMedia();
    await network.startRegion();
    if (options.further) await network.startFurther();
    return network;
  }

  async startMain(): Promise<void> {
    const file = join(this.directory, 'us1.yaml');
    this.main = await TandemProcess.start(['main', file], 'main region runs', this.#env);
  }

  async startSecond(): Promise<void> {
    const file = join(this.directory, 'us1-r2.yaml');
    this.second = await TandemProcess.start(['main', file], 'main region runs');
  }

  async #startStore(port: number): Promise<void> {
    const file = join(this.directory, 'us1/events.db');
    this.store = await TandemProcess.start(['store', file, '--listen', `127.0.0.1:${port}`], 'store runs');
  }

  /** Starts the media part of the region's gateway. */
  async startMedia(): Promise<void> {
    this.media = await TandemProcess.start(['media', join(this.directory, 'ie1.yaml')], 'media runs');
  }

  /** Starts the region and waits until it is linked, to both routers if there are two. */
  async startRegion(): Promise<void> {
    this.region = await TandemProcess.start(['region', join(this.directory, 'ie1.yaml')], 'region runs');
    for (const router of this.second ? ['us1/r1', 'us1/r2'] : ['us1/r1'])
      await this.region.logged((line) => line.msg === 'link: connected' && line.router === router);
  }

  /** Starts the further gateway and waits until it is linked. */
  async startFurther(): Promise<void> {
    const file = join(this.directory, 'ie1-gw2.yaml');
    this.further = await TandemProcess.start(['gateway', file], 'gateway runs');
    await this.further.logged((line) => line.msg === 'link: connected');
  }

  /** What the REST API answers the operator. */
  async api<T>(path: string, method = 'GET'): Promise<T> {
    const authorization = `Basic ${Buffer.from(`${ACCOUNT}:${AUTH_TOKEN}`).toString('base64')}`;
    const answer = await fetch(`http://127.0.0.1:${this.apiPort}${path}`, {
      method,
      headers: { authorization },
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  /** Resolves when the API tells of a gateway what is waited for. */
  async gatewayIs(name: string, fits: (gateway: GatewayAnswer) => boolean): Promise<void> {
    for (;;) {
      const { gateways } = await this.api<{ gateways: GatewayAnswer[] }>('/v1/gateways');
      if (gateways.some((gateway) => gateway.name === name && fits(gateway))) return;
      await setTimeout(20);
    }
  }

  /** Reads the central store, which works while the main region writes it. */
  readCentral<T>(read: (store: EventStore) => Promise<T>): Promise<T> {
    return readStore(this.#events, read);
  }

  /** What the central store holds. */
  centralEvents(): Promise<RecordedEvent[]> {
    return readAll(this.#events);
  }

  /** What the journals of the region's gateways hold, one after the other; a leg that was moved, where it is now. */
  async journalEvents(): Promise<RecordedEvent[]> {
    const own = await readAll(join(this.directory, 'ie1/journal.db'));
    if (!this.further) return own;
    const further = await readAll(join(this.directory, 'ie1-gw2/journal.db'));
    const taken = adopters(await this.centralEvents());
    return [...ofLegsOf('gw1', own, taken), ...ofLegsOf('gw2', further, taken)];
  }

  /** How many events of calls a process's store holds. */
  async countEvents(process: 'main' | 'region'): Promise<number> {
    const events = await (process === 'main' ? this.centralEvents() : this.journalEvents());
    return events.filter(({ correlation }) => correlation !== '').length;
  }

  /** Resolves as soon as a process's store holds so many. */
  async holds(process: 'main' | 'region', count: number): Promise<void> {
    while ((await this.countEvents(process)) < count) await setTimeout(2);
  }

  /** Resolves with the first event of the region's that fits, as soon as it is durable there. */
  async happened(fits: (event: RecordedEvent) => boolean, signal?: AbortSignal): Promise<RecordedEvent> {
    for (;;) {
      const found = (await this.journalEvents()).find(fits);
      if (found) return found;
      await setTimeout(20, undefined, { signal });
    }
  }

  /** Resolves when every leg and call has ended and all that the region journalled is in the main region. */
  async settled(): Promise<void> {
    while (!(await this.#isSettled())) await setTimeout(50);
  }

  async #isSettled(): Promise<boolean> {
    const [journal, central] = [await this.journalEvents(), await this.centralEvents()];
    const stored = new Set(central.map((event) => event.id));
    const ended = new Set(central.filter(({ type }) => type.endsWith('Ended')).map(({ stream }) => stream));
    const calls = central.filter(({ correlation }) => correlation !== '').map(({ stream }) => stream);
    return journal.every((event) => stored.has(event.id)) && calls.every((stream) => ended.has(stream));
  }

  /** The last states of actors that ended, as the processes that run now had them in memory, by stream. */
  liveStates(): Record<string, string> {
    const processes = [this.main, this.second, this.region, this.further];
    const lines = processes
      .flatMap((process) => process?.log ?? [])
      .filter((line) => line.msg === 'an actor ended' && !String(line.state).includes(TAKEN));
    return Object.fromEntries(lines.map((line) => [line.stream, line.state]));
  }

  /** Stops the processes in order, the main region last; their exit statuses. */
  async close(): Promise<
    Partial<Record<'region' | 'main' | 'further' | 'media' | 'second' | 'store', number | null>>
  > {
    const further = await this.further?.stop();
    const region = await this.region.stop();
    const media = await this.media?.stop();
    const second = await this.second?.stop();
    const main = await this.main.stop();
    const store = await this.store?.stop();
    await this.#external?.close();
    await this.application.close();
    await rm(this.directory, { recursive: true });
    return {
      region,
      main,
      ...(further !== undefined && { further }),
      ...(media !== undefined && { media }),
      ...(second !== undefined && { second }),
      ...(store !== undefined && { store }),
    };
  }
}

/** What has a process ask another name server than the machine's. */
const asking = (server: string | undefined): Readonly<Record<string, string>> =>
  server === undefined
    ? {}
    : {
        E2E_NAME_SERVER: server,
        NODE_OPTIONS: `${process.env.TANDEM_NODE_OPTIONS ?? ''} --import=${import.meta.resolve('./ask-name-server.ts')}`,
      };

/** What the state of a leg says that another gateway has: it is not the leg's. */
const TAKEN = 'Another gateway has taken the leg';

/** The gateways that took legs last. */
const adopters = (central: readonly RecordedEvent[]): ReadonlyMap<string, string> =>
  new Map(
    central
      .filter(({ type }) => type === 'LegAdopted')
      .map(({ stream, data }) => [stream, (data as { gateway: string }).gateway]),
  );

/** A journal without legs that another gateway has taken: that one has all of their events. */
const ofLegsOf = (
  gateway: string,
  journal: readonly RecordedEvent[],
  taken: ReadonlyMap<string, string>,
): RecordedEvent[] => journal.filter(({ stream }) => (taken.get(stream) ?? gateway) === gateway);
