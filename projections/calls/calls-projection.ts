import type { Projection } from '../runner/projection.ts';
import type { ReadModelDatabase } from '../runner/read-model-database.ts';
import { CALL_COLUMNS, fromRecord, toValues } from './call-schema.ts';
import { type CallRows, concernsCalls, projectCall } from './project-call.ts';

/** Keeps the table of calls. */
export function callsProjection({ writer }: Pick<ReadModelDatabase, 'writer'>): Projection {
  const bySid = writer.prepare('SELECT * FROM calls WHERE sid = ?');
  const byLeg = writer.prepare('SELECT * FROM calls WHERE leg_id = ?');
  const put = writer.prepare(
    `INSERT OR REPLACE INTO calls (${CALL_COLUMNS.join(', ')}) VALUES (${CALL_COLUMNS.map(() => '?').join(', ')})`,
  );
  const found = (record: Record<string, unknown> | undefined) => record && fromRecord(record);
  const rows: CallRows = {
    bySid: (sid) => found(bySid.get(sid)),
    byLeg: (legId) => found(byLeg.get(legId)),
  };
  return {
    name: 'calls',
    concerns: concernsCalls,
    apply(event) {
      const row = projectCall(event, rows);
      if (row) put.run(...toValues(row));
    },
  };
}
