import type { Rules } from './rules.ts';
import { compareScores, type Score } from './score.ts';
import { freshState, type PathStep, type SearchState } from './search-state.ts';
import type { InstanceEntry, Offer } from './service-entries.ts';
import type { Tables } from './tables.ts';

/** A service that has to be found: once for each branch that needs it, or once for several. */
export interface Slot {
  readonly service: string;
}

/** A way to be found: from a gateway to another one, to a service, or through services to wherever the last is. */
export interface BranchTask {
  readonly start: number;
  /** The gateway at its other end, or -1. */
  readonly end: number;
  /** The slot of the service at its other end, or -1. */
  readonly endSlot: number;
  /** The slots of the services that media passes, in any order. */
  readonly passes: readonly number[];
  /** The slots of the services that get a copy. */
  readonly sides: readonly number[];
}

export interface SearchTask {
  /** Hash of what spreads the calls over equals. */
  readonly key: number;
  /** How many paths to give. */
  readonly keep: number;
  readonly branches: readonly BranchTask[];
  readonly slots: readonly Slot[];
  /** What other branches of the call take already. */
  readonly taken?: readonly PathStep[];
}

export interface Found {
  readonly score: Score;
  readonly steps: readonly PathStep[];
}

/** Steps after which a search gives what it has: a hundred times what the largest call of a few legs takes. */
const MOST_STEPS = 100_000;

/**
 * Finds the best paths of a network, exactly: it walks through all of them, nearest services first, and gives a path
 * up as soon as it is no better than the worst of those that it keeps.
 */
export class PathSearch {
  readonly #tables: Tables;
  readonly #rules: Rules;
  readonly #keep: number;
  readonly #state: SearchState;
  readonly #branches: readonly BranchTask[];
  readonly #slots: readonly Slot[];
  readonly #assigned: (InstanceEntry | undefined)[];
  /** Gateways with a leg of this call: what is there may be used although it is draining. */
  readonly #legGateways: ReadonlySet<number>;
  readonly #steps: PathStep[] = [];
  readonly #nodes: number[] = [];
  readonly #found: Found[] = [];
  #depth = 0;
  #walked = 0;

  constructor(tables: Tables, rules: Rules, { key, keep, branches, slots, taken = [] }: SearchTask) {
    this.#tables = tables;
    this.#rules = rules;
    this.#keep = keep;
    this.#state = freshState(tables, rules, key, taken);
    this.#branches = branches;
    this.#slots = slots;
    this.#assigned = slots.map(() => undefined);
    this.#legGateways = new Set(branches.flatMap(({ start, end }) => (end === -1 ? [start] : [start, end])));
  }

  /** Whether it stopped before it had seen everything. */
  get cutShort(): boolean {
    return this.#walked > MOST_STEPS;
  }

  /** The best paths, the best first. */
  run(): readonly Found[] {
    this.#begin(0);
    return this.#found;
  }

  #begin(branch: number): void {
    if (branch === this.#branches.length) {
      this.#keepThis();
      return;
    }
    const { start, end, passes } = this.#branches[branch]!;
    const state = this.#state;
    const { gateways } = this.#tables;
    if (!state.allows(gateways[start]!.region)) return;
    if (end !== -1 && !state.allows(gateways[end]!.region)) return;
    const depth = this.#depth++;
    const nodes = this.#nodes.length;
    state.save(depth);
    state.begin(start);
    this.#nodes.push(start);
    this.#walk(branch, nodes, start, -1, (1 << passes.length) - 1);
    state.unbegin(start);
    state.restore(depth);
    this.#nodes.length = nodes;
    this.#depth--;
  }

  /** @param last the place in `passes` of what was done last, -1 for nothing */
  #walk(branch: number, nodes: number, from: number, last: number, left: number): void {
    const { end, endSlot, passes } = this.#branches[branch]!;
    if (left !== 0) {
      for (let place = 0; place < passes.length; place++) {
        if ((left & (1 << place)) === 0) continue;
        for (const offer of this.#candidates(passes[place]!, from)) {
          // Two services of one gateway are passed in one order only; the other is the same path.
          if (place < last && offer.instance.gateway === from) continue;
          this.#serve(branch, nodes, from, passes[place]!, offer, place, left & ~(1 << place));
        }
      }
    } else if (endSlot !== -1) {
      for (const offer of this.#candidates(endSlot, from))
        this.#serve(branch, nodes, from, endSlot, offer, -1, -1);
    } else if (end === -1) this.#side(branch, nodes, 0);
    else this.#hops(from, end, (hop) => this.#arrive(branch, nodes, from, end, hop));
  }

  #arrive(branch: number, nodes: number, from: number, to: number, via: number): void {
    this.#steps.push({ branch, from, to, via, slot: -1, there: 1, side: false });
    this.#side(branch, nodes, 0);
    this.#steps.pop();
  }

  /** Goes to an instance and through it. `left` -1: it is the end. */
  #serve(
    branch: number,
    nodes: number,
    from: number,
    slot: number,
    offer: Offer,
    place: number,
    left: number,
  ): void {
    const state = this.#state;
    const to = offer.instance.gateway;
    if (!this.#canUse(offer)) return;
    const there = left === -1 || (left === 0 && this.#endsThere(branch)) ? 1 : 2;
    this.#hops(from, to, (via) => {
      // The hop may have taken the last pipe of the route to a proxy’s real service.
      if (!state.canUse(offer)) return;
      state.use(offer, there, false);
      const before = this.#assigned[slot];
      this.#assigned[slot] = offer.instance;
      this.#steps.push({ branch, from, to, via, slot, offer, there, side: false });
      if (this.#worthIt()) {
        if (left === -1) this.#side(branch, nodes, 0);
        else this.#walk(branch, nodes, to, place, left);
      }
      this.#steps.pop();
      this.#assigned[slot] = before;
      state.unuse(offer);
    });
  }

  #endsThere(branch: number): boolean {
    const { end, endSlot } = this.#branches[branch]!;
    return end === -1 && endSlot === -1;
  }

  /** Finds a place for one copy after the other, then goes on with the next branch. */
  #side(branch: number, nodes: number, place: number): void {
    const { sides } = this.#branches[branch]!;
    if (place === sides.length) {
      this.#begin(branch + 1);
      return;
    }
    const slot = sides[place]!;
    const from = [...new Set(this.#nodes.slice(nodes))];
    // Where media passes the gateway anyway, a copy from farther away cannot be better.
    for (const offer of this.#candidates(slot, from[0]!)) {
      const { gateway } = offer.instance;
      // Where media passes the gateway anyway, a copy from farther away cannot be better.
      for (const node of from.includes(gateway) ? [gateway] : from)
        this.#copy(branch, nodes, node, slot, offer, place);
    }
  }

  #copy(branch: number, nodes: number, from: number, slot: number, offer: Offer, place: number): void {
    const state = this.#state;
    const to = offer.instance.gateway;
    if (!this.#canUse(offer)) return;
    for (let via = state.firstHop(from, to); via !== undefined; via = state.nextHop(from, to, via)) {
      const depth = this.#depth++;
      state.save(depth);
      state.hop(from, to, via, true);
      if (state.canUse(offer)) {
        state.use(offer, 1, true);
        const before = this.#assigned[slot];
        this.#assigned[slot] = offer.instance;
        this.#steps.push({ branch, from, to, via, slot, offer, there: 1, side: true });
        if (this.#worthIt()) this.#side(branch, nodes, place + 1);
        this.#steps.pop();
        this.#assigned[slot] = before;
        state.unuse(offer);
      }
      state.unhop(from, to, via);
      state.restore(depth);
      this.#depth--;
    }
  }

  /** Tries each way from one gateway to another. */
  #hops(from: number, to: number, then: (via: number) => void): void {
    const state = this.#state;
    for (let via = state.firstHop(from, to); via !== undefined; via = state.nextHop(from, to, via)) {
      const depth = this.#depth++;
      const count = this.#nodes.length;
      state.save(depth);
      state.hop(from, to, via, false);
      if (via !== -1) this.#nodes.push(via);
      this.#nodes.push(to);
      if (this.#worthIt()) then(via);
      this.#nodes.length = count;
      state.unhop(from, to, via);
      state.restore(depth);
      this.#depth--;
    }
  }

  /** What may fill a slot; one that is filled already keeps its instance. */
  #candidates(slot: number, from: number): readonly Offer[] {
    const assigned = this.#assigned[slot];
    if (assigned) return this.#tables.offers[assigned.index]!;
    return this.#tables.nearest(this.#slots[slot]!.service, this.#tables.gateways[from]!.region);
  }

  #canUse(offer: Offer): boolean {
    const { gateway } = offer.instance;
    const { draining } = this.#tables.gateways[gateway]!.state;
    return (!draining || this.#legGateways.has(gateway)) && this.#state.canUse(offer);
  }

  /** Whether the path under construction can still be among those that are kept. */
  #worthIt(): boolean {
    this.#walked += 1;
    if (this.#walked > MOST_STEPS) return false;
    const worst = this.#found.length < this.#keep ? undefined : this.#found.at(-1);
    return !worst || compareScores(this.#state.score, worst.score, this.#rules.places) < 0;
  }

  #keepThis(): void {
    const score = this.#state.finished();
    const { places } = this.#rules;
    const place = this.#found.findIndex((one) => compareScores(score, one.score, places) < 0);
    this.#found.splice(place === -1 ? this.#found.length : place, 0, { score, steps: [...this.#steps] });
    if (this.#found.length > this.#keep) this.#found.pop();
  }
}
