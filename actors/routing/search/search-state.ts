import { ENDPOINT_DELAY, estimateMos, PIPE_DELAY } from '../network/index.ts';
import { rendezvous } from './rendezvous.ts';
import type { Rules } from './rules.ts';
import { at, badnessOf, emptyScore, SCORE_LENGTH, type Score } from './score.ts';
import type { InstanceEntry, Offer } from './service-entries.ts';
import type { Tables } from './tables.ts';

/** One step of a path: media goes to a gateway, and is served there. */
export interface PathStep {
  readonly branch: number;
  readonly from: number;
  readonly to: number;
  readonly via: number;
  /** -1 at the other leg’s gateway. */
  readonly slot: number;
  /** The service that is used there. */
  readonly offer?: Offer;
  /** How often media goes the way to a proxy’s real service: 2 when it comes back. */
  readonly there: 1 | 2;
  readonly side: boolean;
}

/** What a search knows of the branch that it is working on, behind the score's own places. */
const branch = {
  latency: SCORE_LENGTH,
  distance: SCORE_LENGTH + 1,
  /** Logarithm of the share of packets that arrive. */
  kept: SCORE_LENGTH + 2,
  /** The least opinion score that was measured on its routes. */
  mos: SCORE_LENGTH + 3,
  transcodings: SCORE_LENGTH + 4,
  /** The worst of the branches that are complete. */
  doneLatency: SCORE_LENGTH + 5,
  doneDistance: SCORE_LENGTH + 6,
  doneBadness: SCORE_LENGTH + 7,
} as const;
const STATE_LENGTH = SCORE_LENGTH + 8;

const NO_MOS = 5;
const NOTHING = emptyScore();
/** Of a hop: straight there. */
export const DIRECT = -1;

/**
 * A path under construction: its score so far, the regions it touches and the room it uses. Each step can be taken
 * back by its counterpart, in reverse order; numbers come back from a copy (`save`, `restore`), because sums of
 * fractions would not.
 */
export class SearchState {
  readonly score: Float64Array = new Float64Array(STATE_LENGTH);
  readonly #tables: Tables;
  readonly #rules: Rules;
  #key = 0;
  /** Whether anything is used that is not taken back at the end. */
  #occupied = false;
  readonly #count: number;
  readonly #visited: Int32Array;
  readonly #pipes: Int32Array;
  readonly #sessions: Int32Array;
  readonly #saved: Float64Array[] = [];

  constructor(tables: Tables, rules: Rules) {
    this.#tables = tables;
    this.#rules = rules;
    this.#count = tables.regions.length;
    this.#visited = new Int32Array(this.#count);
    this.#pipes = new Int32Array(this.#count * this.#count);
    this.#sessions = new Int32Array(tables.instances.length);
  }

  /**
   * Begins anew.
   *
   * @param key hash of what spreads the calls over equals
   * @param taken steps whose room is in use already
   */
  reset(key: number, taken: readonly PathStep[] = []): void {
    this.#key = key;
    if (this.#occupied) for (const used of [this.#visited, this.#pipes, this.#sessions]) used.fill(0);
    this.#occupied = taken.length > 0;
    if (this.#occupied) {
      this.take(taken);
      this.#visited.fill(0);
    }
    this.score.fill(0);
    this.score.set(NOTHING);
  }

  save(depth: number): void {
    this.#saved[depth] ??= new Float64Array(STATE_LENGTH);
    const saved = this.#saved[depth];
    for (let place = 0; place < STATE_LENGTH; place++) saved[place] = this.score[place]!;
  }

  restore(depth: number): void {
    const saved = this.#saved[depth]!;
    for (let place = 0; place < STATE_LENGTH; place++) this.score[place] = saved[place]!;
  }

  /** Whether media may be in a region at all. */
  allows(region: number): boolean {
    return this.#rules.media.whyNot[region] === undefined && this.#tables.regions[region]!.healthy;
  }

  /** Takes the steps of a path, whatever there is room for, but for the beginnings of its branches. Not to be taken back. */
  take(steps: readonly PathStep[]): void {
    this.#occupied = true;
    for (const { from, to, via, offer, there, side } of steps) {
      this.hop(from, to, via, side);
      if (offer) this.use(offer, there, side);
    }
  }

  /** Begins a branch at a gateway that may be in use. */
  begin(gateway: number): void {
    const { score } = this;
    score[branch.doneLatency] = Math.max(score[branch.doneLatency]!, score[branch.latency]!);
    score[branch.doneDistance] = Math.max(score[branch.doneDistance]!, score[branch.distance]!);
    score[branch.doneBadness] = score[at.badness]!;
    score[branch.latency] = ENDPOINT_DELAY;
    score[branch.distance] = ENDPOINT_DELAY;
    score[branch.kept] = 0;
    score[branch.mos] = NO_MOS;
    score[branch.transcodings] = 0;
    score[at.gateways]! += 1;
    this.#enter(this.#tables.gateways[gateway]!.region);
    this.#settle();
  }

  unbegin(gateway: number): void {
    this.#leave(this.#tables.gateways[gateway]!.region);
  }

  /** The first way between two gateways: straight, or by the gateway that is returned. Undefined: there is none. */
  firstHop(from: number, to: number): number | undefined {
    return this.#passes(this.#regionOf(from), this.#regionOf(to)) ? DIRECT : this.#relayFrom(from, to, 0);
  }

  /** The way to try after another one. Others than the straight one are only tried when that is poor or down. */
  nextHop(from: number, to: number, hop: number): number | undefined {
    const [a, b] = [this.#regionOf(from), this.#regionOf(to)];
    if (hop !== DIRECT) return this.#relayFrom(from, to, this.#tables.relays.indexOf(hop) + 1);
    return a !== b && this.#tables.ways.poor[a * this.#count + b] ? this.#relayFrom(from, to, 0) : undefined;
  }

  /** Takes media from one gateway to another. `side`: it is a copy, and nobody waits for it. */
  hop(from: number, to: number, via: number, side: boolean): void {
    if (via !== DIRECT) {
      this.#pipe(from, via, side);
      this.#pipe(via, to, side);
    } else if (from !== to) this.#pipe(from, to, side);
    this.#settle();
  }

  unhop(from: number, to: number, via: number): void {
    if (via !== DIRECT) {
      this.#unpipe(via, to);
      this.#unpipe(from, via);
    } else if (from !== to) this.#unpipe(from, to);
  }

  /** Whether an offer has room, and may be taken by this call. */
  canUse({ instance, worker }: Offer): boolean {
    const region = this.#regionOf(instance.gateway);
    if (!this.#hasRoom(instance) || !this.allows(region)) return false;
    if (worker === instance) return true;
    return this.#hasRoom(worker) && this.allows(instance.home) && this.#passes(region, instance.home);
  }

  /** Uses a service. `there`: how often media goes the way to a proxy’s real service, 2 when it comes back. */
  use({ instance, worker }: Offer, there: 1 | 2, side: boolean): void {
    const { score } = this;
    this.#serve(instance, side);
    if (instance.service === 'transcoding') score[branch.transcodings]! += 1;
    if (worker !== instance) {
      this.#serve(worker, side);
      const region = this.#regionOf(instance.gateway);
      if (region !== instance.home) {
        const way = region * this.#count + instance.home;
        this.#countPipe(region, instance.home, 1);
        for (let times = 0; times < there; times++) this.#travel(way, side);
        score[at.cost]! += this.#tables.ways.cost[way]!;
        score[at.poor]! += this.#tables.ways.poor[way]!;
      }
      score[at.gateways]! += 1;
      this.#enter(instance.home);
    }
    // A proxy only hands on: the time that the service takes is counted once.
    this.#wait(instance.delay, instance.delay, side);
    this.#settle();
  }

  unuse({ instance, worker }: Offer): void {
    this.#sessions[instance.index]! -= 1;
    if (worker === instance) return;
    this.#sessions[worker.index]! -= 1;
    const region = this.#regionOf(instance.gateway);
    if (region !== instance.home) this.#countPipe(region, instance.home, -1);
    this.#leave(instance.home);
  }

  #serve(instance: InstanceEntry, side: boolean): void {
    this.#sessions[instance.index]! += 1;
    this.#wait(0, instance.penalty, side);
    this.score[at.cost]! += instance.cost;
    this.score[at.spread]! += rendezvous(this.#key, instance.hash, instance.free);
  }

  #hasRoom = (instance: InstanceEntry): boolean => instance.free > this.#sessions[instance.index]!;

  #regionOf(gateway: number): number {
    return this.#tables.gateways[gateway]!.region;
  }

  #passes(a: number, b: number): boolean {
    if (a === b) return true;
    const { up, free } = this.#tables.ways;
    const way = a * this.#count + b;
    return up[way] === 1 && free[way]! > this.#pipes[way]!;
  }

  /** The first relay from a place in their list on that both ends can reach. */
  #relayFrom(from: number, to: number, place: number): number | undefined {
    const [a, b] = [this.#regionOf(from), this.#regionOf(to)];
    const { relays } = this.#tables;
    for (let next = place; next < relays.length; next++) {
      const region = this.#regionOf(relays[next]!);
      if (region === a || region === b || !this.allows(region)) continue;
      if (this.#passes(a, region) && this.#passes(region, b)) return relays[next];
    }
    return undefined;
  }

  #pipe(from: number, to: number, side: boolean): void {
    const { score } = this;
    const [a, b] = [this.#regionOf(from), this.#regionOf(to)];
    score[at.gateways]! += 1;
    this.#wait(PIPE_DELAY, PIPE_DELAY, side);
    if (a !== b) {
      const way = a * this.#count + b;
      this.#countPipe(a, b, 1);
      this.#travel(way, side);
      score[at.cost]! += this.#tables.ways.cost[way]!;
      score[at.poor]! += this.#tables.ways.poor[way]!;
    }
    this.#enter(b);
  }

  #unpipe(from: number, to: number): void {
    const [a, b] = [this.#regionOf(from), this.#regionOf(to)];
    if (a !== b) this.#countPipe(a, b, -1);
    this.#leave(b);
  }

  #countPipe(a: number, b: number, change: 1 | -1): void {
    this.#pipes[a * this.#count + b]! += change;
    this.#pipes[b * this.#count + a]! += change;
  }

  #travel(way: number, side: boolean): void {
    const { delay, penalty, loss, mos } = this.#tables.ways;
    const { factors } = this.#rules;
    const factor = factors ? (factors[Math.floor(way / this.#count)]! + factors[way % this.#count]!) / 2 : 1;
    this.#wait(delay[way]!, delay[way]! * factor + penalty[way]!, side);
    if (side) return;
    if (loss[way]! > 0) this.score[branch.kept]! += Math.log1p(-Math.min(loss[way]!, 0.999));
    this.score[branch.mos] = Math.min(this.score[branch.mos]!, mos[way]!);
  }

  #wait(latency: number, distance: number, side: boolean): void {
    if (side) this.score[at.side]! += distance;
    else {
      this.score[branch.latency]! += latency;
      this.score[branch.distance]! += distance;
    }
  }

  #enter(region: number): void {
    this.#visited[region]! += 1;
    if (this.#visited[region] !== 1) return;
    const { score } = this;
    const { factors, media } = this.#rules;
    score[at.regions]! += factors ? factors[region]! : 1;
    score[at.rank]! += media.rank ? media.rank[region]! : 0;
    score[at.cost]! += this.#tables.regions[region]!.cost;
  }

  #leave(region: number): void {
    this.#visited[region]! -= 1;
  }

  /** Brings the score up to the branch. */
  #settle(): void {
    const { score } = this;
    score[at.latency] = Math.max(score[branch.doneLatency]!, score[branch.latency]!);
    score[at.distance] = Math.max(score[branch.doneDistance]!, score[branch.distance]!);
    const kept = score[branch.kept]!;
    const estimate = estimateMos(
      score[branch.latency]!,
      kept === 0 ? 0 : -Math.expm1(kept),
      score[branch.transcodings]!,
    );
    const badness = badnessOf(Math.min(estimate, score[branch.mos]!));
    score[at.badness] = Math.max(score[branch.doneBadness]!, badness);
  }

  /** The score as it is now. */
  finished(): Score {
    const s = this.score;
    // Written out, because copying a typed array costs ten times as much: the places are those of `at`.
    return [s[0]!, s[1]!, s[2]!, s[3]!, s[4]!, s[5]!, s[6]!, s[7]!, s[8]!, s[9]!, s[10]!, s[11]!, s[12]!];
  }
}

const states = new WeakMap<Tables, WeakMap<Rules, SearchState>>();

/** A state to work with until the next one is asked for: making one costs more than most searches. */
export function freshState(
  tables: Tables,
  rules: Rules,
  key: number,
  taken?: readonly PathStep[],
): SearchState {
  let ofTables = states.get(tables);
  if (!ofTables) {
    ofTables = new WeakMap();
    states.set(tables, ofTables);
  }
  let state = ofTables.get(rules);
  if (!state) {
    state = new SearchState(tables, rules);
    ofTables.set(rules, state);
  }
  state.reset(key, taken);
  return state;
}
