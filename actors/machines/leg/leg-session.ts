import type { Messages } from '@tandem/proto/generated/events.ts';
import { withoutTimer } from '../transition/index.ts';
import type { LegContext, LegEffect, LegTransition } from './leg-context.ts';

// What a leg and its peer have agreed on: offers and answers, before and after the call is answered (RFC 3264; RFC 6337).

/** Our offer in the INVITE. */
export const ourInvitation = ({ invited, session }: LegContext): string => invited ?? session.offer!;

/** Our newest description that the peer knows, or will with our answer. */
export const ourSdp = ({ session }: LegContext): string =>
  session.offerer === 'us' ? session.offer! : session.answer!;

/** Has media follow what was agreed. */
export const connect = (
  { direction, trunk, routes, route }: LegContext,
  session: { readonly offerer: 'us' | 'peer'; readonly offer: string; readonly answer: string },
): LegEffect => ({
  type: 'connect',
  ...session,
  trunk: direction === 'inbound' ? trunk : routes[route]?.trunk,
});

/** The ACK of a peer that let us offer brings its answer (RFC 3261, 13.2.1 and 14.2). */
export const confirmed: LegTransition<'AnswerConfirmed'> = (context, { data: { sdp, direction } }) => {
  const { offering } = context;
  // Asked for an offer and given none of an answer, the peer leaves the session as it stands.
  if (sdp === undefined) return offering === undefined ? {} : { context: { offering: undefined } };
  const session = { offerer: 'us' as const, offer: offering ?? ourSdp(context), answer: sdp };
  return {
    context: {
      session,
      offering: undefined,
      ...(direction !== undefined && { held: isHold(direction) }),
    },
    effects: [connect(context, session)],
  };
};

/** Guard: we offered, and the ACK was to bring the answer but has none. A call without media is none. */
export const lacksAnswer = ({
  context: { session },
  event,
}: {
  context: LegContext;
  event: { data: { sdp?: string } };
}): boolean => event.data.sdp === undefined && session.offerer === 'us' && session.answer === undefined;

export const progressed: LegTransition<'ProgressReceived'> = (context, { data }) => {
  const timers = withoutTimer(context.timers, 'reply');
  if (data.sdp === undefined) return { context: { timers } };
  const session = { offerer: 'us' as const, offer: ourInvitation(context), answer: data.sdp };
  return { context: { timers, session, invited: undefined }, effects: [connect(context, session)] };
};

/** The peer's description may be the offer that it made before its answer: then what was agreed on by it stands. */
export const answered: LegTransition<'AnswerReceived'> = (context, { data, time }) => {
  const { session, timers } = context;
  const isAgreed = session.offerer === 'peer' && session.offer === data.sdp;
  const agreed = isAgreed
    ? { ...session, offer: data.sdp, answer: session.answer! }
    : { offerer: 'us' as const, offer: ourInvitation(context), answer: data.sdp };
  return {
    context: {
      dialog: data.dialog,
      answeredAt: time,
      timers: withoutTimer(timers, 'reply'),
      session: agreed,
      invited: undefined,
    },
    effects: [connect(context, agreed)],
  };
};

/** The peer changes what its early media is before it answers: ringback, an announcement (RFC 3311, section 1). */
export const earlySessionChanged: LegTransition<'SessionChanged'> = (context, { data }) => {
  const { held, session } = changedTo(data);
  const invited = context.direction === 'outbound' ? ourInvitation(context) : undefined;
  return {
    context: {
      held,
      session,
      // A dialog that an INVITE of ours has made is only known when it is answered.
      ...(invited === undefined ? { dialog: data.dialog } : { invited }),
    },
    effects: acceptAndConnect(context, data),
  };
};

/** Whether our direction is one in which nothing is heard from the peer. */
const isHold = (direction: string): boolean => direction === 'sendonly' || direction === 'inactive';

/** The session stands as it is until the peer has answered. */
export const sessionOffered: LegTransition<'SessionOffered'> = (_context, { data: { sdp, dialog } }) => ({
  context: { dialog, resuming: false, offering: sdp },
  effects: [{ type: 'acceptOffer', answer: sdp }],
});

const changedTo = ({ sdp, answer, direction }: Messages['SessionChanged']) => ({
  held: isHold(direction),
  session: { offerer: 'peer' as const, offer: sdp, answer },
});

const acceptAndConnect = (context: LegContext, { sdp, answer }: Messages['SessionChanged']): LegEffect[] => [
  { type: 'acceptOffer', answer },
  connect(context, { offerer: 'peer', offer: sdp, answer }),
];

export const sessionChanged: LegTransition<'SessionChanged'> = (context, { data }) => ({
  context: { ...changedTo(data), dialog: data.dialog, resuming: false, offering: undefined },
  effects: acceptAndConnect(context, data),
});
