import type { PathNode } from '@tandem/proto/generated/events.ts';
import type { GatewayId } from '../../names/index.ts';

import type { Network } from '../../routing/network/index.ts';
import type { PathBranch, PathChoice, PathMode, PathRequest } from '../../routing/question/index.ts';

// A way for media as a call has it, and as the routing policy has it.

export const modeOf = (nodes: readonly PathNode[]): PathMode =>
  new Set(nodes.map(({ region }) => region)).size > 1 ? 'multi-regional' : 'local';

export const nodesOf = ({ nodes }: PathBranch): PathNode[] =>
  nodes.map(({ region, gateway, services, codec }) => ({
    region,
    gateway,
    codec,
    services: services.map(({ service }) => service),
  }));

/** A path that a call has, as the policy weighs it. What it promised when it was chosen does not count any more. */
export function pathInUse({ legs }: PathRequest, nodes: readonly PathNode[], state: Network): PathChoice {
  const legIds = legs.map(({ legId }) => legId);
  const kind = legIds.length > 1 ? 'intermediary' : 'endpoint';
  const homes = nodes.flatMap((node) => node.services.flatMap((service) => homeOf(service, node, state)));
  const mode = modeOf(nodes);
  const branch: PathBranch = {
    legIds,
    mode,
    sides: [],
    latency: 0,
    quality: 0,
    nodes: nodes.map((node) => ({ ...node, services: node.services.map((service) => ({ service, kind })) })),
  };
  return {
    mode,
    regions: [...new Set([...nodes.map(({ region }) => region), ...homes])].sort(),
    branches: [branch],
  };
}

/** Where a service really is that is a proxy here. */
const homeOf = (service: string, { region, gateway }: GatewayId, { regions }: Network): string[] =>
  regions
    .filter(({ name }) => name === region)
    .flatMap(({ services }) => services)
    .filter((one) => one.name === service && one.gateway === gateway && one.proxyOf !== undefined)
    .map(({ proxyOf }) => proxyOf!);
