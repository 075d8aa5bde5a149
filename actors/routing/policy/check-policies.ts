import { isZone, readClock } from './hours.ts';
import type { Hours, Policy } from './policy.ts';

/** Something wrong in a list of policies: where, and what to write instead. */
export interface PolicyFault {
  /** From the list on: `[0, 'when', 'hours', 1, 'zone']`. */
  readonly path: readonly (string | number)[];
  readonly says: string;
}

export interface Known {
  /** Every region of the network. */
  readonly regions: readonly string[];
  readonly accounts: readonly string[];
  /** Of words that are not known, the one that was meant. */
  readonly nearest: (word: string, words: readonly string[]) => string | undefined;
}

/** What policies say that cannot be meant, beyond the form of each key. */
export function checkPolicies(policies: readonly Policy[], known: Known): PolicyFault[] {
  const names = policies.map(({ name }) => name);
  return policies.flatMap((policy, index) => {
    const faults = [
      ...nameFault(names, index),
      ...regionFaults(policy, known),
      ...accountFaults(policy, known),
      ...(policy.when?.hours ?? []).flatMap((hours, at) => hoursFaults(hours, ['when', 'hours', at])),
      ...contradictions(policy),
      ...idle(policy),
    ];
    return faults.map(({ path, says }) => ({ path: [index, ...path], says }));
  });
}

function nameFault(names: readonly string[], index: number): PolicyFault[] {
  const first = names.indexOf(names[index]!);
  if (first === index) return [];
  return [
    {
      path: ['name'],
      says: `is ${names[index]} again, as in entry ${first + 1} of the list; each must differ.`,
    },
  ];
}

function regionFaults({ when = {}, prohibit, only, prefer, weights }: Policy, known: Known): PolicyFault[] {
  const lists: [path: (string | number)[], regions: readonly string[] | undefined][] = [
    [['when', 'regions'], when.regions],
    [['when', 'from', 'regions'], when.from?.regions],
    [['when', 'to', 'regions'], when.to?.regions],
    [['prohibit'], prohibit],
    [['only'], only],
    [['prefer'], prefer],
  ];
  const named = [
    ...lists.flatMap(([path, regions = []]) =>
      regions.map((region, at) => ({ path: [...path, at], region })),
    ),
    ...(weights ?? []).map(({ region }, at) => ({ path: ['weights', at, 'region'], region })),
  ];
  return named
    .filter(({ region }) => !known.regions.includes(region))
    .map(({ path, region }) => ({
      path,
      says: `is ${region}, which is no region here; ${advice(known.nearest(region, known.regions), known.regions)}`,
    }));
}

function accountFaults({ when = {} }: Policy, known: Known): PolicyFault[] {
  return (['accounts', 'subaccounts'] as const).flatMap((key) =>
    (when[key] ?? []).flatMap((sid, at) =>
      known.accounts.includes(sid)
        ? []
        : [
            {
              path: ['when', key, at],
              says: `is ${sid}, but no account of the list "accounts" has that sid; ${advice(known.nearest(sid, known.accounts), ['the sid of one of them'])}`,
            },
          ],
    ),
  );
}

const advice = (meant: string | undefined, words: readonly string[]): string =>
  meant ? `write ${meant}.` : `write ${words.join(', ')}.`;

function hoursFaults({ zone, from, until }: Hours, path: (string | number)[]): PolicyFault[] {
  const faults: PolicyFault[] = [];
  if (!isZone(zone))
    faults.push({
      path: [...path, 'zone'],
      says: `is ${zone}, which is no time zone; write one of the IANA list, for example Europe/Dublin.`,
    });
  for (const [key, clock] of [
    ['from', from],
    ['until', until],
  ] as const)
    if (readClock(clock) === undefined)
      faults.push({
        path: [...path, key],
        says: `is ${clock}; write a time of day from "00:00" to "23:59".`,
      });
  return faults;
}

function contradictions({ prohibit = [], only, prefer = [] }: Policy): PolicyFault[] {
  const closed = (region: string): boolean =>
    prohibit.includes(region) || (only !== undefined && !only.includes(region));
  return [
    ...prefer.flatMap((region, at) =>
      closed(region)
        ? [
            {
              path: ['prefer', at],
              says: `is ${region}, which the same policy closes; write one that is open, or leave it out.`,
            },
          ]
        : [],
    ),
    ...(only?.every((region) => prohibit.includes(region))
      ? [{ path: ['only'], says: 'leaves no region that "prohibit" does not close; write one that is open.' }]
      : []),
  ];
}

function idle({ name: _, when: __, signalling: ___, ...says }: Policy): PolicyFault[] {
  return Object.values(says).some((value) => value !== undefined)
    ? []
    : [
        {
          path: [],
          says: 'says nothing; write prohibit, only, prefer, weights, order, peerToPeer, liveCalls or branches.',
        },
      ];
}
