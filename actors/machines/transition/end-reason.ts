/** Why a leg or call ended. */
export const END_REASONS = [
  'completed',
  'cancelled',
  'busy',
  'no-answer',
  'declined',
  'not-found',
  'rejected',
  'no-route',
  'failed',
  'media-failed',
  'media-stopped',
  'application-failed',
  'restarted',
] as const;

export type EndReason = (typeof END_REASONS)[number];

/** Warnings about session descriptions, with their texts (RFC 3261, section 20.43). */
const WARNINGS = {
  301: 'Incompatible network address formats',
  305: 'Incompatible media format',
  399: 'Session description cannot be read',
} as const;

export type WarningCode = keyof typeof WARNINGS;

const WARNING_OF = new Map<string, WarningCode>([
  ['media.other-family', 301],
  ['media.no-common-codec', 305],
  ['media.bad-sdp', 399],
]);

/** What a refusal with 488 warns of; undefined of an error that is not the peer's. */
export const warningOf = (code: string): WarningCode | undefined => WARNING_OF.get(code);

/** Value of a Warning header, such as `301 tandem "Incompatible network address formats"`. */
export const warningHeader = (code: WarningCode): string => `${code} tandem "${WARNINGS[code]}"`;

/** How something ended: why, with which SIP status if one said so, in which words, and at whose hand. */
export interface End {
  readonly reason: EndReason;
  readonly status?: number;
  readonly detail?: string;
  /** What was wrong with the session description that is refused (RFC 3261, section 20.43). */
  readonly warning?: WarningCode;
  readonly by: 'peer' | 'router' | 'gateway';
}

/** The reason that a SIP refusal gives (RFC 3261, section 21). */
export function reasonOfStatus(status: number): EndReason {
  if (status === 486 || status === 600) return 'busy';
  if (status === 408 || status === 480) return 'no-answer';
  if (status === 603 || status === 607) return 'declined';
  if (status === 404 || status === 410 || status === 484 || status === 604) return 'not-found';
  if (status === 487) return 'cancelled';
  return 'failed';
}

/** What a leg that is not yet answered is refused with. */
const REFUSALS: Record<EndReason, number> = {
  completed: 480,
  cancelled: 487,
  busy: 486,
  'no-answer': 480,
  declined: 603,
  'not-found': 404,
  rejected: 603,
  'no-route': 404,
  failed: 500,
  'media-failed': 488,
  'media-stopped': 480,
  'application-failed': 503,
  restarted: 500,
};

/** Causes of ITU-T Q.850, table 1. */
const CAUSES: Record<EndReason, number> = {
  completed: 16,
  cancelled: 16,
  busy: 17,
  'no-answer': 19,
  declined: 21,
  'not-found': 1,
  rejected: 21,
  'no-route': 3,
  failed: 41,
  'media-failed': 58,
  'media-stopped': 102,
  'application-failed': 38,
  restarted: 41,
};

export const refusalStatus = (end: End): number => end.status ?? REFUSALS[end.reason];

/** Value of a Reason header (RFC 3326), such as `Q.850;cause=16;text="completed"`. */
export const reasonHeader = (end: End): string =>
  `Q.850;cause=${CAUSES[end.reason]};text="${(end.detail ?? end.reason).replace(/[^ !#-[\]-~]/g, ' ').slice(0, 120)}"`;

const NAMES: ReadonlySet<string> = new Set(END_REASONS);

/** A reason as it came in a message; what is none of ours is a failure. */
export const asEndReason = (reason: string): EndReason =>
  NAMES.has(reason) ? (reason as EndReason) : 'failed';
