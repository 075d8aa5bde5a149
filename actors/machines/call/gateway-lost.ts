import { derivedSid } from '../../events/derived-id.ts';
import {
  type CallContext,
  type CallDecide,
  type CallEffect,
  type CallLeg,
  changeLeg,
  isHere,
} from './call-context.ts';
import { hangUpLegs } from './caller.ts';
import { placeLeg } from './dial.ts';
import { mediaLost } from './media-asking.ts';

/** Another gateway of its region has a leg now: what is asked of the leg goes there. */
export const legMoved: CallDecide<'CallLegMoved'> = (context, { data: { legId, region, gateway } }) => ({
  context: { legs: changeLeg(context, legId, { region, gateway }) },
});

/**
 * A gateway went away. Legs that ring there are placed anew, elsewhere; should it come back with them, they are
 * hung up. Legs that were answered wait for it, or for another one to take them. Media finds another way.
 */
export const gatewayLost: CallDecide<'CallGatewayLost'> = (context, event) => {
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
  const media = mediaLost({ ...context, ...replaced }, event, event.data);
  return {
    context: { ...replaced, ...media.context },
    effects: [...hangUpLegs(context, lost, 'failed', reason), ...placed, ...media.effects],
  };
};
