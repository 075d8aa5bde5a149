import type { GatewayId } from '../../names/index.ts';
import {
  type CallContext,
  type CallEffect,
  type CallLeg,
  type CallTransition,
  type Changes,
  changeLeg,
  isAnswered,
  isHere,
  subjectOf,
} from './call-context.ts';
import { join } from './call-media.ts';
import { endPipes } from './end-pipes.ts';
import { askAgain, endsHere } from './media-asking.ts';
import { underReview } from './media-review.ts';

// A gateway is gone with legs that were answered: another gateway of its region takes each of them. One is chosen, the
// leg's stream says so (see the effect `moveLeg`), and only then is it told. A leg that nobody can take waits for its
// own gateway, unless that has lost it already.

type LegEvent = { context: CallContext; event: { data: { legId: string } } };

const isAt = (place: GatewayId | undefined, { region, gateway }: GatewayId): boolean =>
  place?.region === region && place.gateway === gateway;

/** Whether a leg's dialog can be taken up by another gateway. */
const isConnected = (context: CallContext, legId: string): boolean =>
  legId === context.caller ? isAnswered(context) : context.legs[legId]!.status === 'answered';

/** Where a leg is, or will be. */
const placeOf = ({ region, gateway, moving }: CallLeg): GatewayId => moving?.to ?? { region, gateway };

/** Asks the routing policy who takes a leg. */
export function findAdopter(context: CallContext, legId: string): CallEffect {
  const { region, gateway, tried = [] } = context.legs[legId]!;
  const near = Object.keys(context.legs)
    .filter((other) => other !== legId && isHere(context, other))
    .map((other) => placeOf(context.legs[other]!))
    .filter((place) => place.gateway !== '' && !tried.some((one) => isAt(one, place)));
  return { type: 'findAdopter', legId, call: subjectOf(context), from: { region, gateway }, tried, near };
}

/** Has a leg taken by the gateway that was chosen. */
export function moveLeg({ callSid, legs }: CallContext, legId: string): CallEffect {
  const { region, gateway, moving } = legs[legId]!;
  return { type: 'moveLeg', callSid, legId, from: { region, gateway }, to: moving!.to! };
}

/** The legs of a gateway that is gone, and those that it was to take, are to be somebody else's. */
export function orphaned(context: CallContext, gone: GatewayId): Changes {
  const legs: Record<string, CallLeg> = { ...context.legs };
  const lost = Object.keys(legs).filter((legId) => {
    const { moving } = legs[legId]!;
    const isThere = moving ? isAt(moving.to, gone) : isAt(legs[legId], gone) && isConnected(context, legId);
    return isThere && isHere(context, legId);
  });
  for (const legId of lost) {
    const { moving, tried = [] } = legs[legId]!;
    const { region, gateway } = gone;
    legs[legId] = {
      ...legs[legId]!,
      moving: {},
      tried: [...(moving ? tried : []), { region, gateway }],
    };
  }
  return {
    context: lost.length === 0 ? {} : { legs },
    effects: lost.map((legId) => findAdopter({ ...context, legs }, legId)),
  };
}

/** Guard: a leg for which a gateway is looked for. */
export const isOrphan = ({ context, event: { data } }: LegEvent): boolean => {
  const moving = context.legs[data.legId]?.moving;
  return isHere(context, data.legId) && moving !== undefined && moving.to === undefined;
};

export const adopterChosen: CallTransition<'CallLegAdopterChosen'> = (context, { data }) => {
  const { legId, region, gateway } = data;
  const legs = changeLeg(context, legId, { moving: { to: { region, gateway } } });
  return { context: { legs }, effects: [moveLeg({ ...context, legs }, legId)] };
};

/** Guard: the gateway that was asked did not take the leg. */
export const isRefusedByAdopter = ({
  context,
  event: { data },
}: {
  context: CallContext;
  event: { data: { legId: string; gateway?: string } };
}): boolean =>
  isHere(context, data.legId) &&
  data.gateway !== undefined &&
  context.legs[data.legId]!.moving?.to?.gateway === data.gateway;

/** Another one is asked. */
export const adopterRefused: CallTransition<'CallLegNotAdopted'> = (context, { data }) => {
  const { tried = [], moving } = context.legs[data.legId]!;
  const legs = changeLeg(context, data.legId, { moving: {}, tried: [...tried, moving!.to!] });
  return { context: { legs }, effects: [findAdopter({ ...context, legs }, data.legId)] };
};

/** Nobody takes it: it waits for its own gateway. */
export const notAdopted: CallTransition<'CallLegNotAdopted'> = (context, event) => {
  const { legId, code, message } = event.data;
  const legs = changeLeg(context, legId, { moving: undefined, tried: undefined });
  const changed = { ...context, legs };
  const { media } = context;
  const joined = media.broken ? rejoin(changed, event) : { context: {}, effects: [] };
  return {
    context: { legs, lastFailure: { code, message }, ...joined.context },
    effects: joined.effects,
  };
};

/** Another gateway of its region has a leg now: what is asked of the leg goes there. */
export const placeMoved: CallTransition<'CallLegMoved'> = (
  context,
  { data: { legId, region, gateway } },
) => ({
  context: {
    legs: changeLeg(context, legId, { region, gateway, moving: undefined, tried: undefined }),
  },
});

/** Its media, too. */
export const legMoved: CallTransition<'CallLegMoved'> = (context, event) => {
  const moved = placeMoved(context, event).context!;
  const joined = rejoin({ ...context, ...moved }, event);
  return { context: { ...moved, ...joined.context }, effects: joined.effects };
};

/** Media whose legs have other places goes another way, as soon as all of them have arrived. */
function rejoin(context: CallContext, event: { readonly id: string }): Changes {
  const about = underReview(context);
  if (!about || !endsHere(context, about)) return { context: {}, effects: [] };
  const { next, asked: _asked, ...media } = context.media;
  const broken = { ...context, media: { ...media, broken: true } };
  const waits = [about.from, about.to].some((legId) => legId !== undefined && context.legs[legId]!.moving);
  if (waits) return { context: { media: { ...context.media, broken: true } }, effects: [] };
  const found =
    about.to === undefined
      ? askAgain(broken, event, about, 'another gateway has the leg')
      : join(broken, event, about.to);
  return { ...found, effects: [...endPipes(next), ...found.effects] };
}
