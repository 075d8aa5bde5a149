import { currentVersion, type EventType, upcast } from '@tandem/actors/events';
import { asEndReason } from '@tandem/actors/machines/transition';
import { idOf } from '@tandem/actors/names';
import type { RecordedEvent } from '@tandem/actors/stores/event-store';
import type { Messages } from '@tandem/proto/generated/events.ts';
import { archivedRows } from './archived-call.ts';
import { type CallRow, newCallRow, withStatus } from './call-row.ts';

/** The rows that there are already. */
export interface CallRows {
  bySid(sid: string): CallRow | undefined;
  byLeg(legId: string): CallRow | undefined;
}

/** Sid of the call resource of a dialled leg, the same that Dial's action is told as DialCallSid. */
export const childSid = (legId: string): string => `CA${legId.slice('LE'.length)}`;

type Project<T extends EventType> = (
  data: Messages[T],
  about: { readonly time: number; readonly callSid: string; readonly legId: string; readonly rows: CallRows },
) => CallRow | undefined;

/**
 * What each event says of a call. Every fact is said by one type of event and is the same however often it is
 * said, so that events that come again change nothing, and those of a call and of its legs may cross.
 */
const PROJECTIONS: { [T in EventType]?: Project<T> } = {
  CallReceived: (data, { time, rows }) => {
    const { callSid, accountSid = null, legId, from, to, facts, region, gateway, trunk } = data;
    const sid = callSid;
    const known = {
      accountSid,
      from,
      to,
      callerName: facts.callerName ?? null,
      region,
      gateway,
      trunk,
      startedAt: time,
    };
    return {
      ...(rows.bySid(sid) ?? newCallRow({ sid, legId, direction: 'inbound', startedAt: time })),
      ...known,
    };
  },

  CallLegLeft: ({ legId, reason, status, detail }, { time, callSid, rows }) => {
    const parent = rows.bySid(callSid);
    if (!parent || parent.legId === legId) return undefined;
    const row = rows.byLeg(legId) ?? dialled(legId, callSid, time, rows);
    // The leg's own word is the better one; this is for a leg that never came to be.
    return row.endedAt === null ? ended(row, time, { reason, status, detail }) : undefined;
  },

  CallEnded: ({ reason, detail, duration }, { time, callSid, rows }) => {
    const row = rows.bySid(callSid);
    if (!row) return undefined;
    // The region's word on the answer may still be on its way.
    const answeredAt = row.answeredAt ?? (duration > 0 ? time - duration : null);
    return { ...ended(row, time, { reason, detail }), answeredAt, duration };
  },

  LegRequested: ({ legId, callSid, region, gateway, from, to, routes, facts }, { time, rows }) => {
    const trunks = routes.map(({ trunk }) => trunk);
    return {
      ...(rows.byLeg(legId) ?? dialled(legId, callSid, time, rows)),
      region,
      gateway,
      from,
      to,
      callerName: facts.callerName ?? null,
      trunks,
      trunk: trunks[0] ?? null,
      startedAt: time,
    };
  },

  ProgressReceived: ({ status }, { time, legId, rows }) => {
    const row = rows.byLeg(legId);
    return row && status > 100 ? { ...row, ringingAt: row.ringingAt ?? time } : undefined;
  },

  AnswerReceived: ({ route }, { time, legId, rows }) => {
    const row = rows.byLeg(legId);
    return row && { ...row, answeredAt: time, trunk: row.trunks[route] ?? row.trunk };
  },

  AnswerRequested: (_data, { time, legId, rows }) => {
    const row = rows.byLeg(legId);
    return row && { ...row, answeredAt: time };
  },

  LegEnded: (data, { time, legId, rows }) => {
    const row = rows.byLeg(legId);
    // The caller's own leg ends before the call does; the call's end is told by the call.
    return row?.direction === 'outbound-dial' ? ended(row, time, data) : undefined;
  },
};

/** The rows that an event makes or changes. What was archived changes no more, whatever is still said of it. */
export function projectCall(event: RecordedEvent, rows: CallRows): readonly CallRow[] {
  if (event.type === 'CallArchived') return archivedRows(event).filter(({ sid }) => !isArchived(rows, sid));
  const row = changedRow(event, rows);
  if (!row || isArchived(rows, row.sid)) return [];
  const isNewLeg = row.parentCallSid !== null && rows.bySid(row.sid) === undefined;
  return isNewLeg && isArchived(rows, row.parentCallSid) ? [] : [row];
}

const isArchived = (rows: CallRows, sid: string): boolean => (rows.bySid(sid)?.archivedAt ?? null) !== null;

function changedRow(event: RecordedEvent, rows: CallRows): CallRow | undefined {
  const project = PROJECTIONS[event.type as EventType] as Project<EventType> | undefined;
  if (!project) return undefined;
  // Who reads a store, and not the projector, has events of earlier releases as they are.
  const { data } = event.version < currentVersion(event.type) ? upcast(event) : event;
  const row = project(data as never, {
    time: event.time,
    callSid: event.correlation,
    legId: idOf(event.stream),
    rows,
  });
  return row && withStatus({ ...row, updatedAt: Math.max(row.updatedAt, event.time) });
}

/** Whether events of this type say anything of a call. */
export const concernsCalls = (type: string): boolean => type in PROJECTIONS || type === 'CallArchived';

const dialled = (legId: string, callSid: string, time: number, rows: CallRows): CallRow =>
  newCallRow({
    sid: childSid(legId),
    parentCallSid: callSid,
    legId,
    direction: 'outbound-dial',
    startedAt: time,
    accountSid: rows.bySid(callSid)?.accountSid ?? null,
  });

const ended = (
  row: CallRow,
  time: number,
  { reason, status, detail }: { reason: string; status?: number; detail?: string },
): CallRow => ({
  ...row,
  endedAt: time,
  duration: row.answeredAt === null ? 0 : Math.max(0, time - row.answeredAt),
  endReason: asEndReason(reason),
  endStatus: status ?? null,
  endDetail: detail ?? null,
});

/** The rows that a sequence of events makes, in the order in which they came to be. */
export function projectCalls(events: Iterable<RecordedEvent>): CallRow[] {
  const bySid = new Map<string, CallRow>();
  const rows: CallRows = {
    bySid: (sid) => bySid.get(sid),
    byLeg: (legId) => [...bySid.values()].find((row) => row.legId === legId),
  };
  for (const event of events) {
    for (const row of projectCall(event, rows)) bySid.set(row.sid, row);
  }
  return [...bySid.values()];
}
