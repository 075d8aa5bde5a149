import type { Messages, PathNode } from '@tandem/proto/generated/events.ts';
import { TandemError } from '../../errors/index.ts';
import type { GatewayId } from '../../names/index.ts';

import {
  chooseAdopter,
  chooseGateway,
  choosePath,
  ratePath,
  rulesForPath,
  shouldMove,
  whyProhibited,
} from '../../routing/choice/index.ts';
import type { Network, NetworkView } from '../../routing/network/index.ts';
import type { PoliciesView, Policy } from '../../routing/policy/index.ts';
import type { AdopterRequest, PathChoice, PathRequest, RoutingAnswer } from '../../routing/question/index.ts';
import { recordDecision } from '../../routing/question/index.ts';
import { compile } from '../../routing/search/index.ts';
import { pathLeg, subjectOf } from './call-question.ts';
import { type CallRouting, oneGateway } from './call-routing.ts';
import { modeOf, nodesOf, pathInUse } from './path-in-use.ts';

export interface PolicyRoutingOptions {
  readonly network: NetworkView;
  readonly policies: PoliciesView;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
}

/** Ways that may fail, one after the other, before a call gives up. */
const MOST_ATTEMPTS = 4;

/** Where legs and media go, by the routing policy and the newest state of the network (requirements P1 to P8). */
export function policyRouting({ network, policies, now }: PolicyRoutingOptions): CallRouting {
  return {
    findAdopter({ legId, call, from, tried, near }, trunk): Messages['CallLegAdopterChosen'] {
      const leg = { legId, region: from.region, gateway: from.gateway };
      const question: AdopterRequest = {
        ...subjectOf(call, undefined, now()),
        leg,
        tried,
        near,
        ...(trunk !== undefined && { trunk }),
      };
      const state = network.current();
      const answer = chooseAdopter(question, state, policies.current());
      const { chosen, reasons } = answer;
      if (!chosen) throw new TandemError('routing.no-adopter', { leg: legId, detail: sentences(reasons) });
      const { region, gateway } = chosen;
      return { legId, region, gateway, decision: recordDecision(answer, question, state) };
    },

    placeLeg(asked): Messages['CallLegPlaced'] {
      const { legId, call, to, near, codec, tried } = asked;
      const question = {
        ...subjectOf(call, to, now()),
        near: { ...near, ...(codec !== undefined && { codecs: [codec] }) },
      };
      const state = without(network.current(), tried);
      // A gateway whose leg calls is there, whatever has been heard of it yet.
      if (!knows(state, near)) return oneGateway.placeLeg(asked);
      const answer = chooseGateway(question, state, policies.current());
      const { chosen, reasons } = answer;
      if (!chosen) throw new TandemError('routing.no-gateway', { to, detail: sentences(reasons) });
      const { region, gateway } = chosen;
      return { legId, region, gateway, decision: recordDecision(answer, question, state) };
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
      const ends = legs.map(({ legId }) => legId).join(' and ');
      const called = legs.find(({ legId }) => legId === to);
      const question: PathRequest = {
        ...subjectOf(call, to === undefined ? undefined : (called?.endpoint ?? call.to), now()),
        legs: legs.map(pathLeg),
        needs: services.map((service) => ({ service, kind: 'endpoint' as const, legId: from })),
      };
      // A service is asked for where the leg's own gateway did not do it: what was heard of that one may be older.
      const state = to === undefined ? withoutServices(network.current(), legs[0]!) : network.current();
      const inForce = policies.current();
      const inUse = current && pathInUse(question, current, state);
      const prohibited = inUse && whyProhibited(inUse.regions, question, inForce);
      const refuse = (detail: string): TandemError =>
        prohibited === undefined
          ? new TandemError('routing.no-path', { legs: ends, detail })
          : new TandemError('routing.prohibited', { legs: ends, detail: prohibited });
      if (attempt > MOST_ATTEMPTS) throw refuse(`${attempt - 1} ways failed one after the other`);
      const answer = choosePath(question, state, inForce);
      const answered = (nodes: PathNode[], mode: string, reasons: readonly string[]) => ({
        pathId,
        from,
        mode,
        nodes,
        reason,
        ...(to !== undefined && { to }),
        decision: recordDecision({ ...answer, reasons: [...answer.reasons, ...reasons] }, question, state),
      });
      if (inUse && prohibited === undefined) {
        const stays = whyStay(inUse, answer, question, state, inForce);
        if (stays !== undefined) return answered([...current], modeOf(current), [stays]);
      }
      const [branch] = answer.chosen?.branches ?? [];
      if (!branch) throw refuse(sentences(answer.reasons));
      return {
        ...answered(nodesOf(branch), branch.mode, prohibited === undefined ? [] : [`Now ${prohibited}.`]),
        ...(prohibited !== undefined && { prohibited }),
      };
    },
  };
}

/** Why a way in use, which policies do not close, is not left; undefined when it is. */
function whyStay(
  inUse: PathChoice,
  { score, order }: RoutingAnswer<PathChoice>,
  question: PathRequest,
  state: Network,
  policies: readonly Policy[],
): string | undefined {
  // After a restart, what is there comes to be known little by little.
  if (!inUse.branches.every(({ nodes }) => nodes.every((node) => knows(state, node))))
    return 'Not all of the path has been heard of yet.';
  const move = shouldMove(ratePath(inUse, question, state, policies), score, order);
  if (move.must) return undefined;
  if (!move.move) return move.reason;
  const { liveCalls } = rulesForPath(question, compile(state, policies));
  return liveCalls === 'move'
    ? undefined
    : `${move.reason} Packets still pass, and no policy moves live calls.`;
}

/** The error's own sentence ends with a full stop. */
const sentences = (reasons: readonly string[]): string => reasons.join(' ').replace(/\.$/, '');

const knows = ({ regions }: Network, { region, gateway }: GatewayId): boolean =>
  regions.some(({ name, gateways }) => name === region && gateways.some((one) => one.name === gateway));

/** The network as if a gateway had no services. */
const withoutServices = (network: Network, { region, gateway }: GatewayId): Network => ({
  ...network,
  regions: network.regions.map((one) =>
    one.name === region
      ? { ...one, services: one.services.filter((service) => service.gateway !== gateway) }
      : one,
  ),
});

/** The network as if some gateways took no new legs. */
function without(network: Network, full: readonly GatewayId[]): Network {
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
