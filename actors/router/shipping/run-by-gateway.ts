import { TandemError } from '../../errors/index.ts';
import type { CallContext } from '../../machines/execution/index.ts';
import { formatGateway, type GatewayId } from '../../names/index.ts';
import type { Fence } from '../../runtime/index.ts';
import type { RecordedEvent } from '../../stores/event-store/index.ts';

// A call to a static number has its own gateway for its router: `ie1/gw1` stands where `us1/r1` does otherwise.

/** Whether an event begins a call, or its leg, that the gateway runs itself. */
export function beginsAtGateway({ type, data }: Pick<RecordedEvent, 'type' | 'data'>): boolean {
  if (type !== 'LegOffered' && type !== 'CallReceived') return false;
  const { router, region, gateway } = data as GatewayId & { readonly router?: string };
  return router === formatGateway({ region, gateway });
}

/** Refuses what is said in a main region to a call that its gateway runs itself. @throws runtime.not-owner */
export const keptByGateway: Fence = ({ context }, _type, stream) => {
  const { router, caller, legs } = context as CallContext;
  const leg = legs[caller];
  return leg && router === formatGateway(leg)
    ? new TandemError('runtime.not-owner', { stream, owner: router })
    : undefined;
};
