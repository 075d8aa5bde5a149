import type { CallContext, CallTransition } from './call-context.ts';
import { endPipes } from './end-pipes.ts';
import { askAgain, type Ends, endsHere } from './media-asking.ts';

// When a call looks again at the way that its media goes, or is to go.

/** What of a call's media is looked at again: what is asked for or made, or else the way in use. */
export const underReview = ({ media: { path, asked, next } }: CallContext): Ends | undefined =>
  asked ?? next ?? path;

/**
 * Guard: there is a way whose choice can be looked at again. While another is asked for or made, only other policies
 * are a reason to; and those concern legs that are not joined yet, too.
 */
export const mayReview = ({
  context,
  event,
}: {
  context: CallContext;
  event: { data: { policies?: boolean } };
}): boolean => {
  const about = underReview(context);
  if (about === undefined) return Boolean(event.data.policies && context.dial?.pending.length);
  return endsHere(context, about) && (event.data.policies || about === context.media.path);
};

export const review: CallTransition<'MediaPathReviewRequested'> = (context, event) => {
  const { reason, mustMove } = event.data;
  const { asked, next, ...media } = context.media;
  const about = underReview(context);
  if (about === undefined) return { context: { media: { ...media, ask: true } } };
  const broken = media.broken || mustMove;
  const isSame = media.path?.from === about.from && media.path?.to === about.to;
  const inUse = isSame && !broken ? media.path?.nodes : undefined;
  const kept = { ...media, ...(asked && { asked }), ...(mustMove && { broken: true }) };
  const again = askAgain({ ...context, media: kept }, event, about, reason, inUse);
  return { ...again, effects: [...endPipes(next), ...again.effects] };
};
