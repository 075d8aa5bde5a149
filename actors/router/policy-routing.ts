import type { Messages, PathNode } from '@tandem/proto/generated/events.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { CallSubject, ChoosePath, Place } from '../machines/call/call-context.ts';
import { chooseGateway } from '../routing/choose-gateway.ts';
import { choosePath } from '../routing/choose-path.ts';
import type { Network, NetworkView } from '../routing/network.ts';
import type { Policy } from '../routing/policy.ts';
import type { MediaPath, PathBranch, PathLeg, PathRequest, Subject } from '../routing/questions.ts';
import { ratePath } from '../routing/rate-path.ts';
import { recordDecision } from '../routing/record-decision.ts';
import { shouldMove } from '../routing/should-move.ts';
import { type CallRouting, oneGateway } from './call-routing.ts';

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
    placeLeg(asked): Messages['CallLegPlaced'] {
      const { legId, call, from, to, near, codec, tried } = asked;
      const question = {
        ...{ ...subject(call), from, to },
        near: { ...near, ...(codec !== undefined && { codecs: [codec] }) },
      };
      const now = without(network.current(), tried);
      // A gateway whose leg calls is there, whatever has been heard of it yet.
      if (!knows(now, near)) return oneGateway.placeLeg(asked);
      const answer = chooseGateway(question, now, policies);
      const { chosen, reasons } = answer;
      if (!chosen) throw new TandemError('routing.no-gateway', { to, detail: sentences(reasons) });
      const { region, gateway } = chosen;
      return { legId, region, gateway, decision: recordDecision(answer, question, now) };
    },

    choosePath({
      pathId,
      from,
      to,
      call,
      legs,
      services,
      reason,
      attempt,
      current,
    }): Messages['MediaPathChosen'] {
      const refuse = (detail: string): TandemError =>
        new TandemError('routing.no-path', { legs: legs.map(({ legId }) => legId).join(' and '), detail });
      if (attempt > MOST_ATTEMPTS) throw refuse(`${attempt - 1} ways failed one after the other`);
      const question = {
        ...subject(call),
        legs: legs.map(pathLeg),
        needs: services.map((service) => ({ service, kind: 'endpoint' as const, legId: from })),
      };
      const now = network.current();
      const answer = choosePath(question, now, policies);
      const [branch] = answer.chosen?.branches ?? [];
      const answered = (nodes: PathNode[], mode: string, reasons: readonly string[]) => ({
        ...{ pathId, from, mode, nodes, reason },
        ...(to !== undefined && { to }),
        decision: recordDecision({ ...answer, reasons: [...answer.reasons, ...reasons] }, question, now),
      });
      if (current) {
        const rating = ratePath(pathInUse(question, current), question, now, policies);
        const move = shouldMove(rating, answer.score, answer.order);
        // A gap for the listener is a price: what is not much better is not worth it.
        if (!move.move && !move.must)
          return answered([...current], current.length > 1 ? 'multi-regional' : 'local', [move.reason]);
      }
      if (!branch) throw refuse(sentences(answer.reasons));
      return answered(nodesOf(branch), branch.mode, []);
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

/** A path that a call has, as the policy weighs it. What it promised when it was chosen does not count any more. */
function pathInUse({ legs }: PathRequest, nodes: readonly PathNode[]): MediaPath {
  const mode = nodes.length > 1 ? 'multi-regional' : 'local';
  const legIds = legs.map(({ legId }) => legId);
  const kind = legIds.length > 1 ? 'intermediary' : 'endpoint';
  const branch: PathBranch = {
    ...{ legIds, mode, sides: [], latency: 0, quality: 0 },
    nodes: nodes.map((node) => ({ ...node, services: node.services.map((service) => ({ service, kind })) })),
  };
  return { mode, regions: [...new Set(nodes.map(({ region }) => region))].sort(), branches: [branch] };
}

const knows = ({ regions }: Network, { region, gateway }: Place): boolean =>
  regions.some(({ name, gateways }) => name === region && gateways.some((one) => one.name === gateway));

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
