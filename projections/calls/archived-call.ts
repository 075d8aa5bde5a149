import { asEndReason } from '@tandem/actors/machines/transition';
import type { RecordedEvent } from '@tandem/actors/stores/event-store';
import type { ArchivedCall, Messages } from '@tandem/proto/generated/events.ts';
import { type CallRow, newCallRow } from './call-row.ts';
import type { CallDirection } from './call-status.ts';

/** A row as the archive has it: without what is not known, and without what follows from the rest. */
export function archivedCall(row: CallRow): ArchivedCall {
  const { status: _status, archivedAt: _at, archivedBy: _by, ...facts } = row;
  const known = Object.entries(facts).filter(([, value]) => value !== null);
  return Object.fromEntries(known) as unknown as ArchivedCall;
}

/** The rows of a call whose events are kept no longer. */
export function archivedRows({ data, time }: Pick<RecordedEvent, 'data' | 'time'>): CallRow[] {
  const { calls, retention } = data as Messages['CallArchived'];
  return calls.map(({ direction, endReason, ...known }) =>
    newCallRow({
      ...known,
      direction: direction as CallDirection,
      endReason: endReason === undefined ? null : asEndReason(endReason),
      archivedAt: time,
      archivedBy: retention,
    }),
  );
}
