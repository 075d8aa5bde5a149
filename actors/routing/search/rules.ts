import type { Measure, Policy } from '../policy/index.ts';
import type { Subject } from '../question/index.ts';
import { accountsOf, createScopeTest, dependsOnPlaces, type Places } from './scope.ts';
import { completeOrder, placesIn } from './score.ts';

/** Where something may go, in the order of the network's regions. */
export interface Bounds {
  /** Why it may not be there; undefined where it may. */
  readonly whyNot: readonly (string | undefined)[];
  /** Place in the list of preferred regions; absent when there is no such list. */
  readonly rank?: Float64Array;
}

/** What all policies that apply to a call say together. */
export interface Rules {
  /** The policies' names, the most specific first. */
  readonly policies: readonly string[];
  readonly media: Bounds;
  readonly signalling: Bounds;
  /** How much each region counts; absent when all count 1. */
  readonly factors?: Float64Array;
  readonly order: readonly Measure[];
  /** The order by the score's places. */
  readonly places: Uint8Array;
  /** Why media may not go past the platform. */
  readonly noPeerToPeer?: string;
  readonly branches: 'each' | 'whole';
  readonly liveCalls: 'stay' | 'move';
}

interface Entry {
  readonly policy: Policy;
  readonly applies: (subject: Subject, places: Places) => boolean;
}

/** Combinations of policies that are remembered: more than an operator has, bounded in case somebody does. */
const MOST_REMEMBERED = 5_000;

/** The policies, ready to be asked for each call. */
export class RuleBook {
  /** Whether the rules of a call depend on where its legs are. */
  readonly dependsOnPlaces: boolean;
  readonly #regions: readonly string[];
  readonly #entries: readonly Entry[];
  /** The places in the list of those that can be for an account; of no account, those that can be for any. */
  readonly #byAccount = new Map<string, readonly number[]>();
  readonly #forAny: readonly number[];
  readonly #remembered = new Map<string, Rules>();

  /** @param regions all regions' names, in the order in which rules number them */
  constructor(policies: readonly Policy[], regions: readonly string[]) {
    this.#regions = regions;
    this.#entries = policies
      .map((policy) => ({ policy, applies: createScopeTest(policy) }))
      .sort((a, b) => specificity(b.policy) - specificity(a.policy));
    this.dependsOnPlaces = policies.some(dependsOnPlaces);
    const named = new Set(policies.flatMap((policy) => accountsOf(policy) ?? []));
    const listFor = (account?: string): number[] =>
      this.#entries.flatMap(({ policy }, index) => {
        const accounts = accountsOf(policy);
        return !accounts || (account !== undefined && accounts.includes(account)) ? [index] : [];
      });
    for (const account of named) this.#byAccount.set(account, listFor(account));
    this.#forAny = listFor();
  }

  /** The rules for a call. */
  rulesFor(subject: Subject, places: Places): Rules {
    let key = '';
    for (const index of this.#candidates(subject))
      if (this.#entries[index]!.applies(subject, places)) key += `${index},`;
    const known = this.#remembered.get(key);
    if (known) return known;
    const policies = key
      .split(',')
      .filter(Boolean)
      .map((index) => this.#entries[Number(index)]!.policy);
    const rules = combine(policies, this.#regions);
    if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(key, rules);
    return rules;
  }

  #candidates({ accountSid = '', parentAccountSid = '' }: Subject): readonly number[] {
    const own = this.#byAccount.get(accountSid);
    const parents = this.#byAccount.get(parentAccountSid);
    if (own && parents) return [...new Set([...own, ...parents])].sort((a, b) => a - b);
    return own ?? parents ?? this.#forAny;
  }
}

/** Higher for policies that are for fewer calls. */
function specificity({ when = {} }: Policy): number {
  const { endpoints, subaccounts, accounts, from, to, ...others } = when;
  const named = endpoints || from?.endpoints || to?.endpoints;
  const conditions = [...Object.values(others), from?.regions, from?.types, to?.regions, to?.types].filter(
    (condition) => condition !== undefined,
  );
  return (named ? 4_000 : 0) + (subaccounts ? 2_000 : 0) + (accounts ? 1_000 : 0) + conditions.length;
}

function combine(policies: readonly Policy[], regions: readonly string[]): Rules {
  const first = <K extends keyof Policy>(key: K): Policy[K] | undefined =>
    policies.find((policy) => policy[key] !== undefined)?.[key];
  const order = completeOrder(first('order'));
  const past = policies.find(({ peerToPeer }) => peerToPeer === false);
  return {
    policies: policies.map(({ name }) => name),
    media: boundsOf(policies, regions),
    signalling: boundsOf(
      policies.filter(({ signalling }) => signalling),
      regions,
    ),
    factors: factorsOf(policies, regions),
    order,
    places: placesIn(order),
    noPeerToPeer: past && `policy ${past.name} keeps media in the platform`,
    branches: first('branches') ?? 'each',
    liveCalls: first('liveCalls') ?? 'stay',
  };
}

function boundsOf(policies: readonly Policy[], regions: readonly string[]): Bounds {
  const preferred = policies.find(({ prefer }) => prefer)?.prefer;
  return {
    whyNot: regions.map((region) => whyNot(policies, region)),
    rank:
      preferred &&
      Float64Array.from(regions, (region) => {
        const place = preferred.indexOf(region);
        return place === -1 ? preferred.length : place;
      }),
  };
}

function whyNot(policies: readonly Policy[], region: string): string | undefined {
  for (const { name, prohibit, only } of policies) {
    if (prohibit?.includes(region)) return `policy ${name} prohibits ${region}`;
    if (only && !only.includes(region)) return `policy ${name} allows ${only.join(', ') || 'no region'} only`;
  }
  return undefined;
}

function factorsOf(policies: readonly Policy[], regions: readonly string[]): Float64Array | undefined {
  const weights = policies.flatMap((policy) => policy.weights ?? []);
  if (weights.length === 0) return undefined;
  return Float64Array.from(regions, (name) =>
    weights.reduce((product, { region, factor }) => (region === name ? product * factor : product), 1),
  );
}
