import type { BothWays, ContestedMedia, GatewayReport, LegQuality } from '../../link/index.ts';
import { formatGateway, type GatewayId } from '../../names/index.ts';
import type { RecordedEvent } from '../../stores/event-store/index.ts';
import { type KnownGateway, type NetworkState, nothingKnown } from './known-network.ts';
import type { Network, NetworkView, RouterState } from './network.ts';
import { isHealthy, networkOf, unhealthyFrom } from './network-of-state.ts';
import { afterEvent, afterLink, afterReport } from './network-state.ts';

export interface LiveNetworkOptions {
  /** Milliseconds for which a gateway's link may be gone before the gateway counts as unhealthy. Default 5000. */
  readonly patience?: number;
  /** Milliseconds since the Unix epoch. */
  readonly now?: () => number;
  /** A gateway has just become unhealthy: nothing new goes there, and what was there may need another place. */
  readonly onGatewayLost?: (name: GatewayId, reason: string) => void;
  /** It is back. */
  readonly onGatewayFound?: (name: GatewayId) => void;
  /** Something is otherwise than before. */
  readonly onChange?: () => void;
}

/** A gateway as people want to know it. */
export interface GatewayHealth extends GatewayId {
  readonly healthy: boolean;
  readonly linked: boolean;
  readonly draining: boolean;
  readonly legs: number;
  readonly capacity: number;
  readonly addresses: readonly string[];
  readonly node: string;
  readonly version: string;
  readonly trunks: readonly (BothWays & { readonly name: string; readonly up: boolean })[];
  /** Of its legs to SIP URIs, which go over no trunk. */
  readonly sipUris: BothWays;
  /** Its legs that sound worst, the worst first. */
  readonly worst: readonly LegQuality[];
  /** Media of others that came to its legs; absent when it does not say. */
  readonly contested?: ContestedMedia;
}

/**
 * The network as a router of a main region sees it, from the events and reports of the gateways that are linked to
 * it. What links say is this router's own observation: it is kept in no stream, but in each decision made from it.
 */
export class LiveNetwork implements NetworkView {
  readonly #options: LiveNetworkOptions;
  readonly #patience: number;
  readonly #now: () => number;
  readonly #deadlines = new Map<string, NodeJS.Timeout>();
  readonly #lost = new Set<string>();
  #state: NetworkState = nothingKnown;
  #routers: ReadonlyMap<string, readonly RouterState[]> = new Map();
  #current: Network | undefined;

  constructor(options: LiveNetworkOptions = {}) {
    this.#options = options;
    this.#patience = options.patience ?? 5000;
    this.#now = options.now ?? Date.now;
  }

  current(): Network {
    this.#current ??= networkOf(this.#state, {
      now: this.#now(),
      patience: this.#patience,
      routers: this.#routers,
    });
    return this.#current;
  }

  /** Takes an event as it becomes durable; those of other streams than gateways' and regions' change nothing. */
  take(event: Pick<RecordedEvent, 'stream' | 'type' | 'region' | 'data'>): void {
    this.#set(afterEvent(this.#state, event));
  }

  reported(name: GatewayId, report: GatewayReport): void {
    this.#set(afterReport(this.#state, name, report));
  }

  /** Its link stands. */
  linked(name: GatewayId): void {
    this.#forget(name);
    this.#set(afterLink(this.#state, name, undefined));
    if (this.#lost.delete(keyOf(name))) this.#options.onGatewayFound?.(name);
  }

  /** Its link is gone: it is given some time before it counts as unhealthy. */
  unlinked(name: GatewayId, reason: string): void {
    this.#forget(name);
    this.#set(afterLink(this.#state, name, this.#now()));
    const timer = setTimeout(() => this.#expired(name, reason), this.#patience);
    this.#deadlines.set(keyOf(name), timer);
  }

  /** The routers of a main region, all of them. */
  setRouters(region: string, routers: readonly RouterState[]): void {
    this.#routers = new Map(this.#routers).set(region, routers);
    this.#changed();
  }

  gateways(): GatewayHealth[] {
    const now = this.#now();
    return [...this.#state.gateways.values()].map((gateway) => ({
      ...healthOf(gateway),
      healthy: isHealthy(gateway, now, this.#patience),
    }));
  }

  /**
   * Public keys of the processes that are a region's gateways now, for what only they are to read. None when one of them has
   * none, being of an older release: it could not read it.
   */
  sealingKeys(region: string): readonly string[] {
    const now = this.#now();
    const there = [...this.#state.gateways.values()].filter(
      (gateway) => gateway.name.region === region && isHealthy(gateway, now, this.#patience),
    );
    const keys = there.flatMap(({ started }) => started!.sealingKey ?? []);
    return keys.length === there.length ? keys : [];
  }

  close(): void {
    for (const timer of this.#deadlines.values()) clearTimeout(timer);
    this.#deadlines.clear();
  }

  #expired(name: GatewayId, reason: string): void {
    this.#deadlines.delete(keyOf(name));
    const known = this.#state.gateways.get(keyOf(name))!;
    // A clock that was put back does not keep a gateway that is gone.
    if (this.#now() < unhealthyFrom(known, this.#patience)!)
      this.#state = afterLink(this.#state, name, this.#now() - this.#patience);
    this.#lost.add(keyOf(name));
    this.#changed();
    this.#options.onGatewayLost?.(name, reason);
  }

  #forget(name: GatewayId): void {
    clearTimeout(this.#deadlines.get(keyOf(name)));
    this.#deadlines.delete(keyOf(name));
  }

  #set(state: NetworkState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#changed();
  }

  #changed(): void {
    this.#current = undefined;
    this.#options.onChange?.();
  }
}

const keyOf = formatGateway;

function healthOf({ name, started, draining, report, lostAt }: KnownGateway): Omit<GatewayHealth, 'healthy'> {
  return {
    ...name,
    draining,
    linked: lostAt === undefined,
    legs: report?.legs ?? 0,
    capacity: started?.capacity ?? 0,
    addresses: started?.addresses ?? [],
    node: started?.node ?? '',
    version: started?.version ?? '',
    trunks: (started?.trunks ?? []).map(({ name: trunk }) => ({
      up: true,
      ...report?.trunks.find((one) => one.name === trunk),
      name: trunk,
    })),
    sipUris: report?.sipUris ?? {},
    worst: report?.worst ?? [],
    ...(report?.contested && { contested: report.contested }),
  };
}
