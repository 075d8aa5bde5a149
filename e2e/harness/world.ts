import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ensureDevelopmentCertificates } from '@tandem/actors/peers';
import type { Network } from '@tandem/actors/routing/network';
import type { EventStore, RecordedEvent } from '@tandem/actors/stores/event-store';
import { freePort, portRange } from '@tandem/actors/testing/free-port.ts';
import { Distance, readRoundTrips } from '@tandem/cli/demo';
import { parse, stringify } from 'yaml';
import { type Application, ApplicationServer } from './application-server.ts';
import { ACCOUNT, AUTH_TOKEN, NUMBER } from './network.ts';
import { TandemProcess } from './process.ts';
import { readAll, readStore } from './read-store.ts';

export const MAIN = 'us1';

/** A local region: where it is, what its trunk reaches, and what its configuration has besides. */
export interface WorldRegion {
  /** One of the places in region-rtt.csv. */
  readonly place: string;
  /** The beginnings of the numbers that its carrier takes. */
  readonly prefixes: readonly string[];
  /** Of its media, besides where it is. */
  readonly media?: Readonly<Record<string, unknown>>;
  /** Of its trunk, besides where that leads. */
  readonly trunk?: Readonly<Record<string, unknown>>;
  /** Merged into its configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
}

export interface WorldOptions {
  readonly application: Application;
  readonly regions: Readonly<Record<string, WorldRegion>>;
  /** Merged into the configuration of the main region, which is in Washington; given the application's URL. */
  readonly main?: (application: string) => Readonly<Record<string, unknown>>;
}

/** Where a region's peers are, on this machine. */
export interface RegionPorts {
  /** Where it takes calls: `127.0.0.1:port` over UDP. */
  readonly sip: number;
  /** Where its carrier takes calls. */
  readonly carrier: number;
}

/** Networks of one machine stay apart by this number (Distance). */
let networks = 0;

/** A main region and local regions as processes, as far from each other as real ones are. */
export class World {
  readonly directory: string;
  readonly application: ApplicationServer;
  readonly distance: Distance;
  readonly ports: Readonly<Record<string, RegionPorts>>;
  /** Where the REST API of the main region is. */
  readonly apiUrl: string;
  readonly regions = new Map<string, TandemProcess>();
  main: TandemProcess | undefined;

  private constructor(
    directory: string,
    application: ApplicationServer,
    distance: Distance,
    ports: World['ports'],
    apiUrl: string,
  ) {
    this.directory = directory;
    this.application = application;
    this.distance = distance;
    this.ports = ports;
    this.apiUrl = apiUrl;
  }

  static async start({ application: app, regions, main }: WorldOptions): Promise<World> {
    const directory = await mkdtemp(join(tmpdir(), 'tandem-world-'));
    const application = await ApplicationServer.start(AUTH_TOKEN, app);
    const names = Object.keys(regions);
    networks = (networks % 250) + 1;
    const distance = new Distance({ regions: [MAIN, ...names], network: networks });
    const certificates = join(directory, 'certificates');
    await ensureDevelopmentCertificates(certificates, { main: MAIN, regions: names });
    const [link, api] = [await freePort(), await freePort()];
    await write(directory, MAIN, {
      main: MAIN,
      store: `sqlite:${join(directory, MAIN, 'events.db')}`,
      data: join(directory, MAIN),
      link: { listen: `${distance.addressOf(MAIN)}:${link}`, certificates },
      api: { listen: `127.0.0.1:${api}` },
      applications: { allowPrivateNetworks: true },
      regions: names,
      accounts: [{ sid: ACCOUNT, authToken: AUTH_TOKEN, name: 'Test', operator: true }],
      numbers: [{ number: NUMBER, account: ACCOUNT, voiceUrl: `${application.url}/voice` }],
      ...main?.(application.url),
    });
    const ports: Record<string, RegionPorts> = {};
    const own: Record<string, { border: number; pipes: { first: number; last: number } }> = {};
    for (const name of names) {
      ports[name] = { sip: await freePort(), carrier: await freePort() };
      own[name] = { border: await freePort(), pipes: await portRange(20) };
    }
    const places: Record<string, string> = { [MAIN]: 'washington' };
    for (const name of names) places[name] = regions[name]!.place;
    const roundTrips = readRoundTrips();
    for (const one of [MAIN, ...names])
      for (const other of names) {
        if (one === other) continue;
        const rtt = roundTrips.between(places[one]!, places[other]!);
        await distance.setRoute(one, other, { rtt });
        await distance.openTcp(other, one, one === MAIN ? link : own[one]!.border);
        if (one !== MAIN) await distance.openUdp(other, one, own[one]!.pipes.first, own[one]!.pipes.last);
      }
    for (const name of names) {
      const rtp = await portRange(20);
      const { first, last } = own[name]!.pipes;
      const address = distance.addressOf(name);
      await write(directory, name, {
        region: name,
        gateway: 'gw1',
        data: join(directory, name),
        link: { mains: [{ name: MAIN, address: `${distance.seenFrom(name, MAIN)}:${link}` }], certificates },
        border: {
          listen: `${address}:${own[name]!.border}`,
          peers: names
            .filter((other) => other !== name)
            .map((other) => ({
              region: other,
              address: `${distance.seenFrom(name, other)}:${own[other]!.border}`,
              media: distance.seenFrom(name, other),
            })),
        },
        sip: { listen: [`udp:127.0.0.1:${ports[name]!.sip}`] },
        media: {
          bind: '127.0.0.1',
          ports: `${rtp.first}-${rtp.last}`,
          silenceLimit: 0,
          pipes: { bind: address, ports: `${first}-${last}` },
          ...regions[name]!.media,
        },
        downloads: { allowPrivateNetworks: true },
        trunks: [
          {
            name: `${name}carrier`,
            allow: ['127.0.0.1/32'],
            sipUris: 'any',
            address: `127.0.0.1:${ports[name]!.carrier}`,
            prefixes: regions[name]!.prefixes,
            ...regions[name]!.trunk,
          },
        ],
        ...regions[name]!.config,
      });
    }
    const world = new World(directory, application, distance, ports, `http://127.0.0.1:${api}`);
    try {
      await world.startMain();
      await Promise.all(names.map((name) => world.startRegion(name)));
      await world.#known(names);
      return world;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  async startMain(): Promise<void> {
    this.main = await TandemProcess.start(['main', this.#file(MAIN)], 'main region runs');
  }

  /** Starts a region and waits until it is linked. */
  async startRegion(name: string): Promise<void> {
    const region = await TandemProcess.start(['region', this.#file(name)], 'region runs');
    this.regions.set(name, region);
    await region.logged((line) => line.msg === 'link: connected');
  }

  /** Stops a region and starts it with another configuration. */
  async restartRegion(name: string, changes: Readonly<Record<string, unknown>>): Promise<void> {
    await this.regions.get(name)!.stop();
    const config = parse(await readFile(this.#file(name), 'utf8'));
    await write(this.directory, name, { ...config, ...changes });
    await this.startRegion(name);
    await this.#known([...this.regions.keys()]);
  }

  #file = (name: string): string => join(this.directory, `${name}.yaml`);

  /** Reads the central store, which works while the main region writes it. */
  readCentral<T>(read: (store: EventStore) => Promise<T>): Promise<T> {
    return readStore(join(this.directory, MAIN, 'events.db'), read);
  }

  centralEvents(): Promise<RecordedEvent[]> {
    return readAll(join(this.directory, MAIN, 'events.db'));
  }

  /** What the regions' journals hold, one region after the other. */
  async journalEvents(): Promise<RecordedEvent[]> {
    const journals = [...this.regions.keys()].map((name) =>
      readAll(join(this.directory, name, 'journal.db')),
    );
    return (await Promise.all(journals)).flat();
  }

  /** Resolves with the first event of the main region's store that fits. */
  async happened(fits: (event: RecordedEvent) => boolean, signal?: AbortSignal): Promise<RecordedEvent> {
    for (;;) {
      const found = (await this.centralEvents()).find(fits);
      if (found) return found;
      await setTimeout(20, undefined, { signal });
    }
  }

  /** Resolves when everything of every call has ended and all that was journalled is in the main region. */
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
    const lines = this.processes.flatMap(({ log }) => log.filter((line) => line.msg === 'an actor ended'));
    return Object.fromEntries(lines.map((line) => [line.stream, line.state]));
  }

  get processes(): TandemProcess[] {
    return [...(this.main ? [this.main] : []), ...this.regions.values()];
  }

  /** Puts routing policies in force; what the API answers. */
  async setPolicies(policies: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
    const answer = await fetch(`${this.apiUrl}/v1/routing/policies`, {
      method: 'PUT',
      headers: { authorization: OPERATOR, 'Content-Type': 'application/json' },
      body: JSON.stringify({ policies }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }

  /** Resolves when the main region knows every region, and how far all are from each other. */
  async #known(names: readonly string[]): Promise<void> {
    while (!isKnown(await this.#network(), names)) await setTimeout(50);
  }

  async #network(): Promise<Network> {
    const headers = { authorization: OPERATOR };
    const answer = await fetch(`${this.apiUrl}/v1/routing/network`, { headers });
    if (answer.status !== 200) throw new Error(`The network is not shown: ${await answer.text()}`);
    return (await answer.json()) as Network;
  }

  /** Packets of media that went from one region to another since `distance.resetTraffic`. */
  async packets(from: string, to: string): Promise<number> {
    const traffic = await this.distance.traffic();
    return traffic
      .filter((way) => way.from === from && way.to === to)
      .reduce((sum, { media }) => sum + media.packets, 0);
  }

  /** The pairs of regions, as `de1-uk1`, between which media has gone since `distance.resetTraffic`. */
  async mediaLinks(): Promise<string[]> {
    const traffic = await this.distance.traffic();
    const pairs = traffic
      .filter(({ media }) => media.packets > 0)
      .map(({ from, to }) => [from, to].sort().join('-'));
    return [...new Set(pairs)].sort();
  }

  /** Stops every process in order, the regions first; the exit statuses that are not 0. */
  async close(): Promise<(number | null | undefined)[]> {
    const regions = await Promise.all([...this.regions.values()].map((region) => region.stop()));
    const statuses = [...regions, await this.main?.stop()];
    await this.application.close();
    await this.distance.close();
    await rm(this.directory, { recursive: true });
    return statuses.filter((status) => status !== 0);
  }
}

const OPERATOR = `Basic ${Buffer.from(`${ACCOUNT}:${AUTH_TOKEN}`).toString('base64')}`;

const isKnown = ({ regions, routes }: Network, names: readonly string[]): boolean =>
  names.every(
    (name) =>
      regions.some((region) => region.name === name && region.gateways.some(({ healthy }) => healthy)) &&
      names.every(
        (other) =>
          other === name ||
          routes.some((way) => way.from === name && way.to === other && way.up && way.measured),
      ),
  );

const write = (directory: string, name: string, config: object): Promise<void> =>
  writeFile(join(directory, `${name}.yaml`), stringify(config));
