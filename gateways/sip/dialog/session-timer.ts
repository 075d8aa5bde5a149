/** Session timers (RFC 4028), as decisions. All intervals are in seconds, as in the headers. */

/** Which end of the request that set the timer refreshes the session. */
export type RefresherRole = 'uac' | 'uas';

export interface SessionExpires {
  readonly interval: number;
  readonly refresher?: RefresherRole;
}

export interface SessionTimerPolicy {
  /** What we ask for. */
  readonly interval: number;
  /** The least that we accept; at least 90 (RFC 4028, section 4). */
  readonly minimum: number;
}

export const standardSessionTimer: SessionTimerPolicy = { interval: 1800, minimum: 90 };

/** The timer that both ends agreed on. */
export interface AgreedTimer {
  readonly interval: number;
  /** Whether we send the refreshes; otherwise we wait for the peer's. */
  readonly weRefresh: boolean;
}

const seconds = (text: string): number | undefined => {
  const number = /^\s*(\d{1,10})\s*$/.exec(text)?.[1];
  return number === undefined ? undefined : Math.min(Number(number), 0x7fffffff);
};

/** Parses `1800;refresher=uac`; undefined when it is not well-formed. */
export const parseSessionExpires = (value: string): SessionExpires | undefined => {
  const [first = '', ...parameters] = value.split(';');
  const interval = seconds(first);
  if (interval === undefined) return undefined;
  for (const parameter of parameters) {
    const [name, role] = parameter.split('=').map((part) => part.trim().toLowerCase());
    if (name === 'refresher' && (role === 'uac' || role === 'uas')) return { interval, refresher: role };
  }
  return { interval };
};

/** Parses Min-SE; its parameters mean nothing. */
export const parseMinSe = (value: string): number | undefined => seconds(value.split(';')[0] ?? '');

export const writeSessionExpires = (timer: SessionExpires): string =>
  timer.refresher === undefined ? `${timer.interval}` : `${timer.interval};refresher=${timer.refresher}`;

export interface RefreshRequest {
  /** Whether `timer` is in its Supported header. */
  readonly supported: boolean;
  readonly sessionExpires?: SessionExpires;
  readonly minSe?: number;
}

export type ServerAnswer =
  | { readonly kind: 'none' }
  /** Refuse with 422 and this Min-SE. */
  | { readonly kind: 'too-small'; readonly minimum: number }
  | {
      readonly kind: 'timer';
      readonly timer: Required<SessionExpires>;
      /** Whether the response must have `Require: timer`. */
      readonly require: boolean;
    };

/** What we, as the UAS, answer to an INVITE or UPDATE (RFC 4028, section 9 and table 2). */
export const answerAsServer = (request: RefreshRequest, policy: SessionTimerPolicy): ServerAnswer => {
  const asked = request.sessionExpires;
  if (asked !== undefined && asked.interval < policy.minimum)
    // Only a peer that supports the timer understands a 422.
    return request.supported ? { kind: 'too-small', minimum: policy.minimum } : { kind: 'none' };
  if (!request.supported) {
    if (asked === undefined) return { kind: 'none' };
    return { kind: 'timer', timer: { interval: asked.interval, refresher: 'uas' }, require: false };
  }
  const floor = Math.max(request.minSe ?? 0, policy.minimum);
  const interval = asked === undefined ? Math.max(policy.interval, floor) : asked.interval;
  const refresher = asked?.refresher ?? 'uas';
  return { kind: 'timer', timer: { interval, refresher }, require: refresher === 'uac' };
};

/**
 * What we, as the UAC, make of a 2xx (RFC 4028, section 7.2). `asked`: what our request had. An answer below our
 * minimum is raised to it, so that no peer can make us refresh without end.
 */
export const readAnswerAsClient = (
  answer: SessionExpires | undefined,
  asked: SessionExpires | undefined,
  policy: SessionTimerPolicy,
): AgreedTimer | undefined => {
  if (answer !== undefined)
    return { interval: Math.max(answer.interval, policy.minimum), weRefresh: answer.refresher !== 'uas' };
  // A peer without session timers: the request's interval holds and we refresh.
  return asked === undefined ? undefined : { interval: asked.interval, weRefresh: true };
};

/** What to ask for after a 422 with this Min-SE. */
export const raiseTo = (policy: SessionTimerPolicy, minSe: number): SessionTimerPolicy => ({
  interval: Math.max(policy.interval, minSe),
  minimum: Math.max(policy.minimum, minSe),
});

/** The longest delay that a timer of Node's can have, in ms. */
const longest = 0x7fffffff;

/** When to send the refresh, in ms after the last: half the interval (RFC 4028, section 7.2). */
export const refreshDelay = (interval: number): number => Math.min(interval * 500, longest);

/** When to give the session up, in ms after the last refresh (RFC 4028, section 10). */
export const expiryDelay = (interval: number): number =>
  Math.min((interval - Math.min(32, interval / 3)) * 1000, longest);
