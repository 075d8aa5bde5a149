import type { GatewayId } from '../../names/index.ts';
import { ENDPOINT_DELAY, estimateMos, PIPE_DELAY } from '../network/index.ts';
import type { PathBranch, PathChoice, PathMode, PathNode, PathService, SidePath } from '../question/index.ts';
import type { BranchPlan } from './path-tasks.ts';
import { DIRECT, type PathStep } from './search-state.ts';
import type { Tables } from './tables.ts';

/** A path as it is told: its branches with the nodes that media passes. `only`: just this branch. */
export function showPath(
  steps: readonly PathStep[],
  plans: readonly BranchPlan[],
  relayed: readonly boolean[],
  tables: Tables,
  only?: number,
): PathChoice {
  const branches = plans.flatMap((plan, index) => {
    if (only !== undefined && only !== index) return [];
    if (!relayed[index]) return [pastThePlatform(plan, tables)];
    return [
      showBranch(
        steps.filter(({ branch }) => branch === index),
        plan,
        tables,
      ),
    ];
  });
  const regions = [...new Set(branches.flatMap(regionsOf))].sort();
  const past = branches.every(({ mode }) => mode === 'peer-to-peer');
  const mode: PathMode = past ? 'peer-to-peer' : regions.length > 1 ? 'multi-regional' : 'local';
  return { mode, regions, branches };
}

/** The regions that a packet of a branch passes. */
export const regionsOf = ({ nodes, sides }: PathBranch): string[] => [
  ...nodes.flatMap(({ region, services }) => [region, ...homesOf(services)]),
  ...sides.flatMap(({ service, via, to }) => [
    ...(via ? [via.region] : []),
    to.region,
    ...homesOf([service]),
  ]),
];

const homesOf = (services: readonly PathService[]): string[] =>
  services.flatMap(({ proxyOf }) => (proxyOf === undefined ? [] : [proxyOf]));

function showBranch(steps: readonly PathStep[], plan: BranchPlan, tables: Tables): PathBranch {
  const [first, second] = plan.legs;
  const nodes: PathNode[] = [
    { region: first!.region, gateway: first!.gateway, legId: first!.legId, services: [], codec: '' },
  ];
  const sides: SidePath[] = [];
  const near = plan.codec ?? first!.codecs[0] ?? '';
  const far = plan.codec ?? second?.codecs[0] ?? '';
  let codec = near;
  const goTo = (gateway: number): void => {
    nodes.at(-1)!.codec = codec;
    nodes.push({ ...nameOf(tables, gateway), services: [], codec: '' });
  };
  let passed = 0;
  for (const { from, to, via, offer, side } of steps) {
    const instance = offer?.instance;
    if (side) {
      sides.push({
        service: serviceOf(instance!.service, 'side', instance!.home, tables),
        from: nameOf(tables, from),
        ...(via !== DIRECT && { via: nameOf(tables, via) }),
        to: nameOf(tables, to),
      });
      continue;
    }
    if (via !== DIRECT) goTo(via);
    if (via !== DIRECT || from !== to) goTo(to);
    if (!instance) continue;
    const kind = passed++ < plan.passes.length ? 'intermediary' : 'endpoint';
    nodes.at(-1)!.services.push(serviceOf(instance.service, kind, instance.home, tables));
    if (instance.service === 'transcoding') codec = far;
  }
  if (second) nodes.at(-1)!.legId = second.legId;
  const branch: PathBranch = {
    legIds: plan.legs.map(({ legId }) => legId),
    mode: 'local',
    nodes,
    sides,
    ...figuresOf(steps, tables),
  };
  if (new Set(regionsOf(branch)).size > 1) branch.mode = 'multi-regional';
  return branch;
}

const nameOf = ({ gateways, regions }: Tables, gateway: number): GatewayId => {
  const { region, state } = gateways[gateway]!;
  return { region: regions[region]!.name, gateway: state.name };
};

const serviceOf = (
  service: string,
  kind: PathService['kind'],
  home: number,
  { regions }: Tables,
): PathService => ({ service, kind, ...(home !== -1 && { proxyOf: regions[home]!.name }) });

/** What is heard on a branch by itself. */
function figuresOf(steps: readonly PathStep[], tables: Tables): { latency: number; quality: number } {
  const { ways, gateways, regions } = tables;
  let [latency, kept, mos, transcodings] = [ENDPOINT_DELAY, 1, 5, 0];
  const travel = (a: number, b: number): void => {
    const way = a * regions.length + b;
    latency += ways.delay[way]!;
    kept *= 1 - ways.loss[way]!;
    mos = Math.min(mos, ways.mos[way]!);
  };
  for (const { from, to, via, offer, there, side } of steps) {
    if (side) continue;
    for (const [a, b] of via === DIRECT
      ? [[from, to]]
      : [
          [from, via],
          [via, to],
        ]) {
      if (a === b) continue;
      latency += PIPE_DELAY;
      travel(gateways[a!]!.region, gateways[b!]!.region);
    }
    if (!offer) continue;
    const { instance, worker } = offer;
    latency += instance.delay;
    if (instance.service === 'transcoding') transcodings += 1;
    if (worker !== instance)
      for (let times = 0; times < there; times++) travel(gateways[instance.gateway]!.region, instance.home);
  }
  const quality = Math.min(mos, estimateMos(latency, 1 - kept, transcodings));
  return { latency: Math.round(latency * 100) / 100, quality: Math.round(quality * 100) / 100 };
}

function pastThePlatform({ legs }: BranchPlan, tables: Tables): PathBranch {
  const [a, b] = legs.map(({ region }) => tables.regionOf.get(region)!);
  const delay = a === b ? 0 : tables.ways.delay[a! * tables.regions.length + b!]!;
  const latency = ENDPOINT_DELAY + delay;
  return {
    legIds: legs.map(({ legId }) => legId),
    mode: 'peer-to-peer',
    nodes: [],
    sides: [],
    latency: Math.round(latency * 100) / 100,
    quality: Math.round(estimateMos(latency, 0) * 100) / 100,
  };
}
