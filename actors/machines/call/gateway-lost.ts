import { derivedSid } from '../../events/index.ts';
import { placeLeg } from '../../verbs/index.ts';
import {
  type CallContext,
  type CallEffect,
  type CallLeg,
  type CallTransition,
  hangUpLegs,
  isHere,
  mediaLost,
  orphaned,
} from '../execution/index.ts';

/**
 * A gateway went away. Legs that ring there are placed anew, elsewhere; should it come back with them, they are
 * hung up. Legs that were answered are taken by another one, or wait for it. Media finds another way. Legs of a call
 * that ends are left alone.
 */
export const gatewayLost: CallTransition<'CallGatewayLost'> = (context, event) => {
  const { region, gateway, reason } = event.data;
  const there = (legId: string): boolean => {
    const leg = context.legs[legId]!;
    return leg.region === region && leg.gateway === gateway && isHere(context, legId);
  };
  const lost = (context.dial?.pending ?? []).filter(there);
  const legs: Record<string, CallLeg> = { ...context.legs };
  const placed: CallEffect[] = [];
  const instead = new Map<string, string>();
  for (const legId of lost) {
    const { to, target, tried = [] } = legs[legId]!;
    const another = derivedSid('LE', event.id, `instead of ${legId}`);
    const now = [...tried, { region, gateway }];
    instead.set(legId, another);
    legs[legId] = {
      ...legs[legId]!,
      status: 'left',
      end: { reason: 'failed', detail: reason, by: 'router' },
    };
    legs[another] = { region: '', gateway: '', to, target, status: 'placing', tried: now };
    placed.push(placeLeg(context, another, to, now));
  }
  const replaced: Partial<CallContext> =
    lost.length === 0
      ? {}
      : {
          legs,
          dial: {
            ...context.dial!,
            pending: context.dial!.pending.map((legId) => instead.get(legId) ?? legId),
          },
        };
  const rest = { ...context, ...replaced };
  const orphans = context.end ? { context: {}, effects: [] } : orphaned(rest, event.data);
  const media = mediaLost({ ...rest, ...orphans.context }, event, event.data);
  return {
    context: { ...replaced, ...orphans.context, ...media.context },
    effects: [
      ...hangUpLegs(context, lost, 'failed', reason),
      ...placed,
      ...orphans.effects,
      ...media.effects,
    ],
  };
};
