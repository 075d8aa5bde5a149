import type { Messages, PathNode } from '@tandem/proto/generated/events.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { CallSubject, ChoosePath, Place } from '../machines/call/call-context.ts';
import { chooseGateway } from '../routing/choose-gateway.ts';
import { choosePath, rulesForPath } from '../routing/choose-path.ts';
import type { Network, NetworkView } from '../routing/network.ts';
import { compile } from '../routing/planner.ts';
import type { PoliciesView } from '../routing/policies-view.ts';
import type { Policy } from '../routing/policy.ts';
import type {
  Answer,
  EndpointType,
  MediaPath,
  PathBranch,
  PathLeg,
  PathMode,
  PathRequest,
  Subject,
} from '../routing/questions.ts';
import { ratePath } from '../routing/rate-path.ts';
import { recordDecision } from '../routing/record-decision.ts';
import { shouldMove } from '../routing/should-move.ts';
import { whyProhibited } from '../routing/why-prohibited.ts';
import { type CallRouting, oneGateway } from './call-routing.ts';

export interface PolicyRoutingOptions {
  readonly network: NetworkView;
  readonly policies: PoliciesView;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
}

/** Ways that may fail, one after the other, before a call gives up. */
const MOST_ATTEMPTS = 4;

/** What is taken to be a leg's codec as long as that is not known: what every telephone has. */
const USUAL_CODEC = 'PCMU';

/** Where legs and media go, by the routing policy and the newest state of the network (requirements P1 to P8). */
export function policyRouting({ network, policies, now }: PolicyRoutingOptions): CallRouting {
  return {
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
        ...{ pathId, from, mode, nodes, reason },
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

/**
 * Whom a question is about. The caller's leg is inbound, the others are outbound.
 *
 * @param called whom the leg calls that it is about; undefined when it is about the caller's own
 */
function subjectOf(
  { callSid, accountSid, from, to }: CallSubject,
  called: string | undefined,
  time: number,
): Subject {
  const [fromType, toType] = [typeOf(from), typeOf(called ?? to)];
  return {
    ...{ callSid, from, to: called ?? to, mediaTypes: ['audio'], time },
    ...(called === undefined
      ? { direction: 'inbound' }
      : { direction: 'outbound', directions: ['inbound', 'outbound'] }),
    ...(accountSid !== '' && { accountSid }),
    ...(fromType && { fromType }),
    ...(toType && { toType }),
  };
}

/** What an endpoint is, where it shows. */
const typeOf = (endpoint: string): EndpointType | undefined => {
  if (/^sips?:/i.test(endpoint)) return 'sip';
  return /^\+?[\d*#]+$/.test(endpoint) ? 'pstn' : undefined;
};

/** Why a way in use, which policies do not close, is not left; undefined when it is. */
function whyStay(
  inUse: MediaPath,
  { score, order }: Answer<MediaPath>,
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

const pathLeg = ({ legId, region, gateway, codec }: ChoosePath['legs'][number]): PathLeg => ({
  ...{ legId, region, gateway },
  mediaTypes: ['audio'],
  codecs: [codec ?? USUAL_CODEC],
});

const modeOf = (nodes: readonly PathNode[]): string =>
  new Set(nodes.map(({ region }) => region)).size > 1 ? 'multi-regional' : 'local';

const nodesOf = ({ nodes }: PathBranch): PathNode[] =>
  nodes.map(({ region, gateway, services, codec }) => ({
    ...{ region, gateway, codec },
    services: services.map(({ service }) => service),
  }));

/** A path that a call has, as the policy weighs it. What it promised when it was chosen does not count any more. */
function pathInUse({ legs }: PathRequest, nodes: readonly PathNode[], state: Network): MediaPath {
  const legIds = legs.map(({ legId }) => legId);
  const kind = legIds.length > 1 ? 'intermediary' : 'endpoint';
  const homes = nodes.flatMap((node) => node.services.flatMap((service) => homeOf(service, node, state)));
  const mode = modeOf(nodes) as PathMode;
  const branch: PathBranch = {
    ...{ legIds, mode, sides: [], latency: 0, quality: 0 },
    nodes: nodes.map((node) => ({ ...node, services: node.services.map((service) => ({ service, kind })) })),
  };
  return {
    mode,
    regions: [...new Set([...nodes.map(({ region }) => region), ...homes])].sort(),
    branches: [branch],
  };
}

/** Where a service really is that is a proxy here. */
const homeOf = (service: string, { region, gateway }: Place, { regions }: Network): string[] =>
  regions
    .filter(({ name }) => name === region)
    .flatMap(({ services }) => services)
    .filter((one) => one.name === service && one.gateway === gateway && one.proxyOf !== undefined)
    .map(({ proxyOf }) => proxyOf!);

const knows = ({ regions }: Network, { region, gateway }: Place): boolean =>
  regions.some(({ name, gateways }) => name === region && gateways.some((one) => one.name === gateway));

/** The network as if a gateway had no services. */
const withoutServices = (network: Network, { region, gateway }: Place): Network => ({
  ...network,
  regions: network.regions.map((one) =>
    one.name === region
      ? { ...one, services: one.services.filter((service) => service.gateway !== gateway) }
      : one,
  ),
});

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
