import type { Messages } from '@tandem/proto/generated/events.ts';
import { asRecorded, TandemError } from '../../errors/index.ts';
import type { CallEffect, ChoosePath } from '../../machines/execution/index.ts';

export type FindAdopter = Extract<CallEffect, { type: 'findAdopter' }>;
export type PlaceLeg = Extract<CallEffect, { type: 'placeLeg' }>;

/**
 * Whom a call's router asks where legs and media go.
 *
 * @throws routing.no-gateway, routing.no-adopter, routing.no-path, routing.prohibited
 */
export interface CallRouting {
  /** @param trunk the one that the leg's dialog uses; undefined towards a SIP URI */
  findAdopter(asked: FindAdopter, trunk: string | undefined): Messages['CallLegAdopterChosen'];
  placeLeg(asked: PlaceLeg): Messages['CallLegPlaced'];
  choosePath(asked: ChoosePath): Messages['MediaPathChosen'];
}

/**
 * The routing of a network that is one gateway: legs are placed where the caller's is, and media stays there. A
 * region has no other for the calls that it runs itself (requirement C8).
 */
export const oneGateway: CallRouting = {
  findAdopter({ legId, from: { region } }) {
    throw new TandemError('routing.no-adopter', { leg: legId, detail: `${region} has no other gateway` });
  },
  placeLeg: ({ legId, near, tried, to }) => {
    if (tried.length > 0) throw new TandemError('routing.no-gateway', { to, detail: 'the only one refused' });
    return { legId, ...near };
  },
  choosePath: ({ pathId, from, to, legs, reason, services }) => {
    const [{ region, gateway }] = legs as [ChoosePath['legs'][number]];
    const elsewhere = legs.find((leg) => leg.region !== region || leg.gateway !== gateway);
    if (elsewhere || services.length > 0)
      throw new TandemError('routing.no-path', {
        legs: legs.map(({ legId }) => legId).join(' and '),
        detail: elsewhere ? 'they are in different gateways' : `${services.join(', ')} is not here`,
      });
    return {
      pathId,
      from,
      mode: 'local',
      reason,
      ...(to !== undefined && { to }),
      nodes: [{ region, gateway, services: [], codec: '' }],
    };
  },
};

/** What the routing policy refuses is an answer; any other fault is one. */
export function whenRefused(error: unknown): { code: string; message: string } {
  const recorded = asRecorded(error);
  if (!recorded.code.startsWith('routing.')) throw error;
  return recorded;
}
