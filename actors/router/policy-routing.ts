import type { Messages, PathNode } from '@tandem/proto/generated/events.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { CallSubject, ChoosePath, Place } from '../machines/call/call-context.ts';
import { chooseGateway } from '../routing/choose-gateway.ts';
import { choosePath } from '../routing/choose-path.ts';
import type { Network, NetworkView } from '../routing/network.ts';
import type { Policy } from '../routing/policy.ts';
import type { PathBranch, PathLeg, Subject } from '../routing/questions.ts';
import type { CallRouting } from './call-routing.ts';

export interface PolicyRoutingOptions {
  readonly network: NetworkView;
  readonly policies: readonly Policy[];
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
}

/** Ways that may fail, one after the other, before a call gives up. */
const MOST_ATTEMPTS = 4;

/** What is taken to be a leg's codec as long as that is not known: what every telephone has. */
const USUAL_CODEC = 'PCMU';

/** Where legs and media go, by the routing policy and the newest state of the network (requirements P1 to P8). */
export function policyRouting({ network, policies, now }: PolicyRoutingOptions): CallRouting {
  const subject = ({ callSid, accountSid, from, to }: CallSubject): Subject => ({
    ...{ callSid, from, to, direction: 'outbound', time: now() },
    ...(accountSid !== '' && { accountSid }),
  });
  return {
    placeLeg({ legId, call, from, to, near, codec, tried }): Messages['CallLegPlaced'] {
      const question = {
        ...{ ...subject(call), from, to },
        near: { ...near, ...(codec !== undefined && { codecs: [codec] }) },
      };
      const { chosen, reasons } = chooseGateway(question, without(network.current(), tried), policies);
      if (!chosen) throw new TandemError('routing.no-gateway', { to, detail: sentences(reasons) });
      return { legId, region: chosen.region, gateway: chosen.gateway };
    },

    choosePath({ pathId, from, to, call, legs, services, reason, attempt }): Messages['MediaPathChosen'] {
      const refuse = (detail: string): TandemError =>
        new TandemError('routing.no-path', { legs: legs.map(({ legId }) => legId).join(' and '), detail });
      if (attempt > MOST_ATTEMPTS) throw refuse(`${attempt - 1} ways failed one after the other`);
      const question = {
        ...subject(call),
        legs: legs.map(pathLeg),
        needs: services.map((service) => ({ service, kind: 'endpoint' as const, legId: from })),
      };
      const { chosen, reasons } = choosePath(question, network.current(), policies);
      const [branch] = chosen?.branches ?? [];
      if (!branch) throw refuse(sentences(reasons));
      return {
        ...{ pathId, from, mode: branch.mode, nodes: nodesOf(branch), reason },
        ...(to !== undefined && { to }),
      };
    },
  };
}

/** The error's own sentence ends with a full stop. */
const sentences = (reasons: readonly string[]): string => reasons.join(' ').replace(/\.$/, '');

const pathLeg = ({ legId, region, gateway, codec }: ChoosePath['legs'][number]): PathLeg => ({
  ...{ legId, region, gateway },
  mediaTypes: ['audio'],
  codecs: [codec ?? USUAL_CODEC],
});

const nodesOf = ({ nodes }: PathBranch): PathNode[] =>
  nodes.map(({ region, gateway, services, codec }) => ({
    ...{ region, gateway, codec },
    services: services.map(({ service }) => service),
  }));

/** The network as if some gateways took no new legs. */
function without(network: Network, full: readonly Place[]): Network {
  if (full.length === 0) return network;
  const isFull = (region: string, gateway: string): boolean =>
    full.some((place) => place.region === region && place.gateway === gateway);
  return {
    ...network,
    regions: network.regions.map((region) => ({
      ...region,
      gateways: region.gateways.map((gateway) =>
        isFull(region.name, gateway.name) ? { ...gateway, draining: true } : gateway,
      ),
    })),
  };
}
