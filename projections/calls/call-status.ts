import type { EndReason } from '@tandem/actors/machines/transition';

/** What a call is, in the words of Twilio's Call resource. */
export const CALL_STATUSES = [
  'queued',
  'ringing',
  'in-progress',
  'completed',
  'busy',
  'failed',
  'no-answer',
  'canceled',
] as const;

export type CallStatus = (typeof CALL_STATUSES)[number];
export type CallDirection = 'inbound' | 'outbound-dial';

/** What is known of a call that its status follows from. Times are milliseconds since the Unix epoch. */
export interface CallFacts {
  readonly direction: CallDirection;
  readonly ringingAt: number | null;
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
  readonly endReason: EndReason | null;
}

/** The status of a call that ended before it was answered. */
const UNANSWERED: Record<EndReason, CallStatus> = {
  // The document ended, or said Hangup, before anything in it answered the call.
  completed: 'completed',
  cancelled: 'canceled',
  busy: 'busy',
  'no-answer': 'no-answer',
  // As Dial's action is told (DialCallStatus).
  declined: 'busy',
  'not-found': 'failed',
  rejected: 'no-answer',
  'no-route': 'failed',
  failed: 'failed',
  'media-failed': 'failed',
  'media-stopped': 'failed',
  'application-failed': 'failed',
  restarted: 'failed',
};

/**
 * The status of a call. One that was answered is `completed` at its end, however it ended; why it ended is told
 * apart from that.
 */
export function callStatus({ direction, ringingAt, answeredAt, endedAt, endReason }: CallFacts): CallStatus {
  if (endedAt !== null) {
    if (answeredAt !== null) return 'completed';
    const status = UNANSWERED[endReason ?? 'failed'];
    // A dialled party that never answered has completed nothing: the caller left first.
    return direction === 'outbound-dial' && status === 'completed' ? 'canceled' : status;
  }
  if (answeredAt !== null) return 'in-progress';
  return direction === 'inbound' || ringingAt !== null ? 'ringing' : 'queued';
}
