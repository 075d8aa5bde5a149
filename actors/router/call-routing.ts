import type { Messages } from '@tandem/proto/generated/events.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { CallEffect, ChoosePath } from '../machines/call/call-context.ts';

export type PlaceLeg = Extract<CallEffect, { type: 'placeLeg' }>;

/** Whom a call's router asks where legs and media go. Both throw routing.no-gateway and routing.no-path. */
export interface CallRouting {
  placeLeg(asked: PlaceLeg): Messages['CallLegPlaced'];
  choosePath(asked: ChoosePath): Messages['MediaPathChosen'];
}

/**
 * The routing of a network that is one gateway: legs are placed where the caller's is, and media stays there. A
 * region has no other for the calls that it runs itself (requirement C8).
 */
export const oneGateway: CallRouting = {
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
      ...{ pathId, from, mode: 'local', reason },
      ...(to !== undefined && { to }),
      nodes: [{ region, gateway, services: [], codec: '' }],
    };
  },
};
