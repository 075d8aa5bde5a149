import { TandemError } from '../../errors/index.ts';
import { formatGateway } from '../../names/index.ts';
import {
  asEndReason,
  type End,
  reasonOfStatus,
  warningOf,
  withoutTimer,
  withTimer,
} from '../transition/index.ts';
import type { LegContext, LegEffect, LegTransition } from './leg-context.ts';
import { aheadOfAllSent } from './leg-sequence.ts';
import { connect, ourInvitation, ourSdp } from './leg-session.ts';

/** SIP answers that say nothing about the called party, so that another route may do better (RFC 3261, 16.7). */
const TRY_ELSEWHERE = new Set([408, 500, 502, 503, 504]);

/**
 * How long a route may be silent while there is another, in ms. Whoever lives answers an INVITE within 200 ms, with 100
 * if nothing else (RFC 3261, section 17.2.1); within this time it went out four times over UDP (timer A), so that three
 * losses in a row are borne, and the caller still waits.
 */
const FIRST_REPLY = 4000;

/** How far a leg has got says how it can be ended. */
type Progress = 'offered' | 'placing' | 'inviting' | 'connected';

type WayOut = Extract<LegEffect, { type: 'finish' }>['how'];

const WAY_OUT: Record<Progress, WayOut> = {
  offered: 'reject',
  placing: 'nothing',
  inviting: 'cancel',
  connected: 'bye',
};

/** Everything is given back, and the peer is told in the way that the leg's state asks for. */
export const ending = (
  { dialog, via, invite, routes, route, timers }: LegContext,
  wayOut: WayOut,
  end: End,
) => ({
  context: { end, wayOut, timers: withoutTimer(withoutTimer(timers, 'reply'), 'expires') },
  effects: [{ type: 'finish' as const, how: wayOut, end, dialog, via, invite, trunk: routes[route]?.trunk }],
});

const inviteBy = (context: LegContext, index: number): LegEffect => ({
  type: 'invite',
  index,
  route: context.routes[index]!,
  from: context.from,
  facts: context.facts,
  sdp: context.session.offer!,
  timeout: context.timeout,
  callSid: context.callSid,
  action: context.isStatic ? 'static' : 'dial',
});

export const offered: LegTransition<'LegOffered'> = (_context, { data, time }) => {
  const { legId, callSid, region, gateway, trunk, from, to, facts, dialog, offer, via, expires } = data;
  return {
    context: {
      legId,
      callSid,
      region,
      gateway,
      trunk,
      from,
      to,
      facts,
      dialog,
      via,
      session: { offerer: offer === undefined ? 'us' : 'peer', offer },
      ...(expires !== undefined && { timers: withTimer({}, 'expires', time + expires * 1000) }),
    },
    effects: [{ type: 'allocate', offer }],
  };
};

export const requested: LegTransition<'LegRequested'> = (_context, { data }) => {
  const { legId, callSid, region, gateway, from, to, facts, routes, timeout, codecs } = data;
  return {
    context: {
      legId,
      callSid,
      region,
      gateway,
      from,
      to,
      facts,
      routes,
      timeout,
      ...(data.router === formatGateway(data) && { isStatic: true }),
      direction: 'outbound',
      session: { offerer: 'us' },
    },
    effects: [{ type: 'allocate', codecs }],
  };
};

export const noRoute: LegTransition<'LegRequested'> = (context, { data }) =>
  ending(context, 'nothing', {
    reason: 'no-route',
    detail: data.refused?.message ?? `No trunk of region ${data.region} leads to ${data.to}`,
    by: 'gateway',
  });

/** Nobody is called with no hops left: whoever it is could not pass the call on (RFC 3261, section 16.3). */
export const noHopsLeft: LegTransition<'LegRequested'> = (context, { data }) => {
  const { status, message } = new TandemError('sip.too-many-hops', { to: data.to });
  return ending(context, 'nothing', { reason: 'failed', status, detail: message, by: 'gateway' });
};

/** Ports are there: what was waiting for them goes on. */
export const mediaAllocated: LegTransition<'MediaAllocated'> = (context, { data }) => {
  const { mediaId, address, port, sdp } = data;
  const { offerer, offer } = context.session;
  const session = offerer === 'us' ? { offerer, offer: sdp } : { offerer, offer, answer: sdp };
  return { context: { media: { id: mediaId, address, port }, session } };
};

export const inviteFirstRoute: LegTransition<'MediaAllocated'> = (context) => ({
  effects: [inviteBy(context, 0)],
});

/** What was agreed on with who was tried before concerns the next route nothing. */
export const inviteNextRoute: LegTransition<'RefusalReceived' | 'DialogFailed'> = (context) => {
  const changes = {
    route: context.route + 1,
    invite: undefined,
    invited: undefined,
    session: { offerer: 'us' as const, offer: ourInvitation(context) },
    timers: withoutTimer(context.timers, 'reply'),
  };
  return { context: changes, effects: [inviteBy({ ...context, ...changes }, changes.route)] };
};

export const inviteSent: LegTransition<'InviteSent'> = (context, { data: { dialog, via }, time }) => ({
  context: {
    invite: { dialog, via },
    ...(hasAnotherRoute(context) && { timers: withTimer(context.timers, 'reply', time + FIRST_REPLY) }),
  },
});

/** Whether anything was heard only the gateway knows: a 100 is not worth an event. */
export const abandonSilentRoute: LegTransition<'TimerRang'> = ({ timers, route }) => ({
  context: { timers: withoutTimer(timers, 'reply') },
  effects: [{ type: 'abandon', index: route }],
});

export const hasAnotherRoute = ({ route, routes }: LegContext): boolean => route + 1 < routes.length;

/** Whether a refusal is of the route only, and there is another. 603 and 486 are the called party's word. */
export const mayTryElsewhere = (context: LegContext, status: number): boolean =>
  TRY_ELSEWHERE.has(status) && hasAnotherRoute(context);

export const mediaRefused: LegTransition<'MediaRefused'> = (context, { data }) =>
  ending(context, context.direction === 'inbound' ? 'reject' : 'nothing', {
    reason: 'media-failed',
    // Another gateway may do better where the fault is not the peer's.
    status: warningOf(data.code) === undefined ? 503 : 488,
    detail: data.message,
    warning: warningOf(data.code),
    by: 'gateway',
  });

export const wantRing: LegTransition<'RingRequested'> = (_context, { data }) => ({
  context: { ringWanted: data },
});

export const ring: LegTransition<'RingRequested'> = (context, { data }) => ringing(context, data.earlyMedia);

export const ringNow: LegTransition<'MediaAllocated'> = (context) =>
  ringing(context, context.ringWanted!.earlyMedia);

function ringing(context: LegContext, earlyMedia: boolean): { effects: LegEffect[] } {
  const { offerer, offer } = context.session;
  // A peer that takes reliable responses has our offer in the first; until it answers, nothing can be sent to it.
  if (offerer === 'us') return { effects: [{ type: 'ring', offer: ourSdp(context) }] };
  if (!earlyMedia) return { effects: [{ type: 'ring' }] };
  const sdp = ourSdp(context);
  return {
    effects: [{ type: 'ring', sdp }, connect(context, { offerer, offer: offer!, answer: sdp })],
  };
}

export const wantAnswer: LegTransition<'AnswerRequested'> = () => ({ context: { answerWanted: true } });

export const answer: LegTransition<'AnswerRequested' | 'MediaAllocated'> = (context, { time }) => {
  const sdp = ourSdp(context);
  const { offerer, offer } = context.session;
  const connected = offerer === 'peer' ? [connect(context, { offerer, offer: offer!, answer: sdp })] : [];
  return {
    context: { answeredAt: time, timers: withoutTimer(context.timers, 'expires') },
    effects: [{ type: 'answer', sdp }, ...connected],
  };
};

export const unanswered: LegTransition<'AnswerConfirmed'> = (context) =>
  ending(context, 'bye', {
    reason: 'media-failed',
    detail: 'The peer had us make the offer, and its ACK has no answer to it (RFC 3261, section 13.2.2.4)',
    by: 'gateway',
  });

export const refused: LegTransition<'RefusalReceived'> = (context, { data }) =>
  ending(context, 'nothing', {
    reason: reasonOfStatus(data.status),
    status: data.status,
    detail: data.phrase,
    by: 'peer',
  });

export const cancelled: LegTransition<'CancelReceived'> = (context, { data }) =>
  ending(context, 'nothing', { reason: 'cancelled', detail: data.reason, by: 'peer' });

/** Nobody has answered for as long as the caller wanted to wait (RFC 3261, section 13.3.1). */
export const expired: LegTransition<'TimerRang'> = (context) =>
  ending(context, 'reject', {
    reason: 'cancelled',
    status: 487,
    detail: 'The INVITE expired before anybody answered',
    by: 'gateway',
  });

export const peerHungUp: LegTransition<'ByeReceived'> = (context, { data }) =>
  ending(context, 'nothing', { reason: 'completed', detail: data.reason, by: 'peer' });

/** What failed may be our side only, the media say: the peer is told as well, if its session still stands. */
export const dialogFailed =
  (progress: Progress): LegTransition<'DialogFailed'> =>
  (context, { data }) =>
    ending(context, WAY_OUT[progress], { reason: 'failed', detail: data.message, by: 'gateway' });

export const hangUp =
  (progress: Progress): LegTransition<'HangupRequested'> =>
  (context, { data }) =>
    ending(context, WAY_OUT[progress], {
      reason: asEndReason(data.reason),
      status: data.status === 0 ? undefined : data.status,
      detail: data.detail,
      by: 'router',
    });

/** The process that held sockets and ports is a new one: a leg that is not connected is ended, with a reason. */
export const restarted =
  (progress: Progress): LegTransition<'OwnerRestarted'> =>
  (context, { data }) =>
    ending(context, afterRestart(context, WAY_OUT[progress]), {
      reason: 'restarted',
      detail: `${data.node} was restarted`,
      by: 'gateway',
    });

/** The goodbye may not have been sent; what the stream knows enough for is said again. */
export const finishAgain: LegTransition<'OwnerRestarted'> = (context) => {
  const dialog = context.dialog && aheadOfAllSent(context.dialog);
  const { effects, context: changes } = ending(
    { ...context, dialog },
    afterRestart(context, context.wayOut ?? 'nothing'),
    context.end!,
  );
  return { context: { ...changes, dialog }, effects };
};

/**
 * What a new process can still say to the peer: a BYE within the dialog, a refusal on the way that the INVITE came, and
 * a CANCEL of an INVITE whose branch is stored.
 */
const afterRestart = ({ via, invite }: LegContext, wayOut: WayOut): WayOut =>
  wayOut === 'bye' ||
  (wayOut === 'reject' && via !== undefined) ||
  (wayOut === 'cancel' && invite !== undefined)
    ? wayOut
    : 'nothing';
