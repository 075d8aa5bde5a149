import { checkPolicies } from '@tandem/actors/routing/policy';
import { nearest } from '@tandem/actors/text';
import type { Conflict, CrossCheck } from './cross-checks.ts';
import type { MainConfig } from './main-config.ts';
import type { KeyPath } from './source.ts';

/** What of a main region policies may name. */
export type NamedByPolicies = Pick<MainConfig, 'main' | 'regions'> & {
  readonly accounts: readonly Pick<MainConfig['accounts'][number], 'sid'>[];
};

/** What policies say that cannot be meant in a main region. */
export function policyConflicts({
  main,
  regions,
  accounts,
  policies,
}: NamedByPolicies & Pick<MainConfig, 'policies'>): Conflict[] {
  return checkPolicies(policies, {
    regions: [...new Set([main, ...regions])],
    accounts: accounts.map(({ sid }) => sid),
    nearest: (word, words) => nearest(word, words, word.startsWith('AC') ? 4 : undefined),
  }).map(({ path, says }) => ({ path: ['policies', ...path], says }));
}

/** What keys about routing say of regions and accounts has to fit the lists of those. */
export const routingChecks: readonly CrossCheck<MainConfig>[] = [
  { reads: ['main', 'regions', 'accounts', 'policies'], find: policyConflicts },
  {
    reads: ['link', 'api', 'routing'],
    find: ({ link, api, routing: { listen } }) =>
      listen !== undefined && !listen.endsWith(':0') && [link.listen, api.listen].includes(listen)
        ? [
            {
              path: ['routing', 'listen'],
              says: `is ${listen}, which ${listen === link.listen ? 'link.listen' : 'api.listen'} has already; write another port.`,
            },
          ]
        : [],
  },
  {
    reads: ['main', 'regions', 'routes'],
    find: ({ main, regions, routes }) => {
      const pairs = routes.map(({ from, to }) => [from, to].sort().join(' and '));
      return routes.flatMap(({ from, to }, at): Conflict[] => [
        ...unknown(from, [main, ...regions], ['routes', at, 'from']),
        ...unknown(to, [main, ...regions], ['routes', at, 'to']),
        ...(from === to
          ? [{ path: ['routes', at, 'to'], says: `is ${to}, as "from" is; write another region.` }]
          : []),
        ...repeated(pairs, at, ['routes', at, 'to']),
      ]);
    },
  },
  {
    reads: ['main', 'regions', 'regionCosts'],
    find: ({ main, regions, regionCosts }) =>
      regionCosts.flatMap(({ region }, at): Conflict[] => [
        ...unknown(region, [main, ...regions], ['regionCosts', at, 'region']),
        ...repeated(
          regionCosts.map((one) => one.region),
          at,
          ['regionCosts', at, 'region'],
        ),
      ]),
  },
];

function unknown(region: string, known: readonly string[], path: KeyPath): Conflict[] {
  if (known.includes(region)) return [];
  const meant = nearest(region, known) ?? [...new Set(known)].join(', ');
  return [{ path, says: `is ${region}, which is no region here; write ${meant}.` }];
}

function repeated(values: readonly string[], at: number, path: KeyPath): Conflict[] {
  const first = values.indexOf(values[at]!);
  if (first === at) return [];
  return [
    { path, says: `names ${values[at]} again, as in entry ${first + 1} of the list; write each once.` },
  ];
}
