import type { BothWays, ContestedMedia, GatewayReport, LegQuality } from '@tandem/actors/link';
import type { MediaStats } from '../media/index.ts';
import type { LegWay, MediaWay } from './media-ways.ts';
import { QualityMeter } from './quality-meter.ts';
import { WorstLegs } from './worst-legs.ts';

export interface GatewayReporterOptions {
  /** Legs at once. */
  readonly capacity: number;
  readonly trunks: readonly string[];
  /** The other regions that are known here. */
  readonly peers: readonly string[];
  readonly legs: () => number;
  readonly draining: () => boolean;
  readonly lostTrunks: () => ReadonlySet<string>;
  readonly services: () => GatewayReport['services'];
  /** The ways to other regions as the border measures them; in further gateways there is none. */
  readonly routes?: () => readonly {
    readonly region: string;
    readonly up: boolean;
    readonly roundTrip?: number;
    readonly jitter?: number;
  }[];
  readonly sessions: () => readonly (readonly [id: string, way: MediaWay])[];
  readonly contested: () => ContestedMedia;
  /** Rejects when the session is gone. */
  readonly stats: (id: string) => Promise<MediaStats>;
  readonly send: (report: GatewayReport) => void;
  /** Milliseconds between reports. Default 5000. */
  readonly every?: number;
  readonly onError: (error: unknown) => void;
}

/** Milliseconds for which what changes is gathered. */
const GATHER = 50;
/** Share of a gateway's capacity by which its legs have to change to be told of at once. */
const MUCH = 0.02;
/** Sessions that are asked at a time what they have counted, so that not all of their answers are there at once. */
const ASKED_TOGETHER = 100;
/** Legs whose own quality is told. */
const TOLD_APART = 10;

/** Says how a gateway is, every few seconds and when something changes much. */
export class GatewayReporter {
  readonly #options: GatewayReporterOptions;
  readonly #meter = new QualityMeter();
  readonly #timer: NodeJS.Timeout;
  #worst: readonly LegQuality[] = [];
  #soon: NodeJS.Timeout | undefined;
  #sampling: Promise<void> | undefined;
  #legsTold = 0;
  #closed = false;

  constructor(options: GatewayReporterOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#sample(), options.every ?? 5000);
  }

  /** Something changed that new calls should know of. */
  changed(): void {
    if (this.#closed) return;
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.#send(new Map());
    }, GATHER);
  }

  /** So many legs are here now. */
  legs(count: number): void {
    const much = Math.max(1, Math.floor(this.#options.capacity * MUCH));
    if (Math.abs(count - this.#legsTold) >= much) this.changed();
  }

  /** Says once more how the gateway is, which is that it takes no calls any more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
    await this.#sampling;
    this.#send(new Map());
  }

  /** A slow media plane is not asked again before it has answered. */
  #sample(): void {
    this.#sampling ??= this.#measure()
      .catch(this.#options.onError)
      .finally(() => {
        this.#sampling = undefined;
      });
  }

  async #measure(): Promise<void> {
    const { sessions, stats } = this.#options;
    const all = sessions();
    const worst = new WorstLegs(TOLD_APART);
    for (let at = 0; at < all.length; at += ASKED_TOGETHER)
      await Promise.all(
        all.slice(at, at + ASKED_TOGETHER).map(async ([id, way]) => {
          // A session that has ended meanwhile has nothing more to say.
          const counted = await stats(id).catch(() => undefined);
          if (!counted) return;
          const quality = this.#meter.sample(id, groupOf(way), counted);
          if ('trunk' in way) worst.take({ legId: id, ...way, ...quality });
        }),
      );
    this.#worst = worst.legs;
    if (!this.#closed) this.#send(this.#meter.take());
  }

  #send(qualities: ReadonlyMap<string, BothWays>): void {
    const { trunks, peers, legs, draining, lostTrunks, services, routes, sessions, send } = this.#options;
    const measured = routes?.() ?? [];
    const piped = new Map<string, number>();
    const here = new Set<string>();
    for (const [id, way] of sessions()) {
      here.add(id);
      if ('region' in way) piped.set(way.region, (piped.get(way.region) ?? 0) + 1);
    }
    const toUris = qualities.get(groupOf({ trunk: '' }));
    this.#legsTold = legs();
    send({
      legs: this.#legsTold,
      draining: draining(),
      services: services(),
      trunks: trunks.map((name) => ({
        name,
        up: !lostTrunks().has(name),
        ...qualities.get(groupOf({ trunk: name })),
      })),
      ...(toUris && { sipUris: toUris }),
      contested: this.#options.contested(),
      worst: this.#worst.filter(({ legId }) => here.has(legId)),
      routes: [...new Set([...peers, ...piped.keys()])].map((region) => ({
        region,
        up: true,
        pipes: piped.get(region) ?? 0,
        ...measured.find((one) => one.region === region),
        ...qualities.get(groupOf({ region })),
      })),
    });
  }
}

const groupOf = (way: Pick<LegWay, 'trunk'> | { readonly region: string }): string =>
  'trunk' in way ? `trunk ${way.trunk}` : `region ${way.region}`;
