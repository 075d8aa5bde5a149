import type { EndReason } from '@tandem/actors/machines/transition';
import { type CallDirection, type CallStatus, callStatus } from './call-status.ts';

/**
 * A call as the read model keeps it: an inbound call, or one dialled leg of it. Times are milliseconds since the
 * Unix epoch, durations milliseconds.
 */
export interface CallRow {
  readonly sid: string;
  readonly parentCallSid: string | null;
  /** Nobody's when a call came to a number that nobody has; then no account sees it. */
  readonly accountSid: string | null;
  readonly legId: string;
  readonly from: string;
  readonly to: string;
  readonly callerName: string | null;
  readonly direction: CallDirection;
  readonly status: CallStatus;
  readonly startedAt: number;
  readonly ringingAt: number | null;
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
  /** Since the answer; nothing while the call lasts. */
  readonly duration: number | null;
  readonly region: string | null;
  readonly gateway: string | null;
  /** The trunk that the call came or went over. */
  readonly trunk: string | null;
  /** The trunks over which a dialled leg may be tried, in order. */
  readonly trunks: readonly string[];
  readonly endReason: EndReason | null;
  /** The SIP status that ended it, when one did. */
  readonly endStatus: number | null;
  readonly endDetail: string | null;
  readonly updatedAt: number;
  /** When its events were removed; nothing while they are kept. It changes no more then. */
  readonly archivedAt: number | null;
  /** What said that they are kept no longer. */
  readonly archivedBy: string | null;
}

type Known = Partial<CallRow> & Pick<CallRow, 'sid' | 'legId' | 'direction' | 'startedAt'>;

/** A row with nothing known but what is given. */
export const newCallRow = (known: Known): CallRow =>
  withStatus({
    parentCallSid: null,
    accountSid: null,
    from: '',
    to: '',
    callerName: null,
    status: 'queued',
    ringingAt: null,
    answeredAt: null,
    endedAt: null,
    duration: null,
    region: null,
    gateway: null,
    trunk: null,
    trunks: [],
    endReason: null,
    endStatus: null,
    endDetail: null,
    updatedAt: known.startedAt,
    archivedAt: null,
    archivedBy: null,
    ...known,
  });

/** The row with its status as its facts have it. */
export const withStatus = (row: CallRow): CallRow => ({ ...row, status: callStatus(row) });
