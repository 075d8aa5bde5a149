import type { Projection, ReadModelDatabase } from '../runner/index.ts';
import type { CallRow } from './call-row.ts';
import {
  CALL_COLUMNS,
  CHANGING_COLUMNS,
  fromRecord,
  isSameButForChanges,
  toChangingValues,
  toValues,
} from './call-schema.ts';
import { type CallRows, concernsCalls, projectCall } from './project-call.ts';

/** Rows of calls under way that are kept in memory; of more, the oldest are read again when they change. */
const KEPT = 20_000;

/** Keeps the table of calls. A call under way changes often, so its row is written once a transaction. */
export function callsProjection({ writer }: Pick<ReadModelDatabase, 'writer'>): Projection {
  const bySid = writer.prepare('SELECT * FROM calls WHERE sid = ?');
  const byLeg = writer.prepare('SELECT * FROM calls WHERE leg_id = ?');
  const put = writer.prepare(
    `INSERT OR REPLACE INTO calls (${CALL_COLUMNS.join(', ')}) VALUES (${CALL_COLUMNS.map(() => '?').join(', ')})`,
  );
  const change = writer.prepare(
    `UPDATE calls SET ${CHANGING_COLUMNS.map((column) => `${column} = ?`).join(', ')} WHERE sid = ?`,
  );
  const kept = new Map<string, CallRow>();
  /** Rows as they are in the table, of those that are kept. */
  const stored = new Map<string, CallRow>();
  const sidOfLeg = new Map<string, string>();
  const changed = new Set<string>();

  const keep = (row: CallRow): CallRow => {
    kept.set(row.sid, row);
    sidOfLeg.set(row.legId, row.sid);
    return row;
  };
  const drop = (row: CallRow): void => {
    kept.delete(row.sid);
    stored.delete(row.sid);
    sidOfLeg.delete(row.legId);
  };
  const found = (record: Record<string, unknown> | undefined): CallRow | undefined => {
    if (!record) return undefined;
    const row = fromRecord(record);
    stored.set(row.sid, row);
    return keep(row);
  };
  const store = (row: CallRow): void => {
    const before = stored.get(row.sid);
    if (before && isSameButForChanges(before, row)) change.run(...toChangingValues(row), row.sid);
    else put.run(...toValues(row));
    stored.set(row.sid, row);
  };
  const rows: CallRows = {
    bySid: (sid) => kept.get(sid) ?? found(bySid.get(sid)),
    byLeg: (legId) => kept.get(sidOfLeg.get(legId) ?? '') ?? found(byLeg.get(legId)),
  };
  return {
    name: 'calls',
    concerns: concernsCalls,
    apply(event) {
      for (const row of projectCall(event, rows)) changed.add(keep(row).sid);
    },
    write() {
      for (const sid of changed) {
        const row = kept.get(sid)!;
        store(row);
        if (row.endedAt !== null) drop(row);
      }
      changed.clear();
      for (const row of kept.values()) {
        if (kept.size <= KEPT) return;
        drop(row);
      }
    },
    forget() {
      kept.clear();
      stored.clear();
      sidOfLeg.clear();
      changed.clear();
    },
  };
}
