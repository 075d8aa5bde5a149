import type { DatabaseSync } from 'node:sqlite';
import { type CallRow, newCallRow } from '../calls/call-row.ts';
import { CALL_COLUMNS, toValues } from '../calls/call-schema.ts';

/** A call of many, by its number: one a second, all answered, from 1,000 numbers to one. */
export const numberedCall = (index: number, accountSid: string, start: number): CallRow => ({
  ...newCallRow({
    sid: `CA${index.toString(16).padStart(32, '0')}`,
    legId: `LE${index.toString(16).padStart(32, '0')}`,
    direction: 'inbound',
    startedAt: start + index * 1000,
  }),
  accountSid,
  from: `+1555${index % 1000}`,
  to: '+15550100',
  status: 'completed',
  answeredAt: start + index * 1000 + 5,
  endedAt: start + index * 1000 + 60_000,
  duration: 59_995,
  region: 'ie1',
  gateway: 'gw1',
  trunk: 'carrier',
  endReason: 'completed',
});

/** Writes rows into the table of calls, in one transaction. */
export function fillCalls(writer: DatabaseSync, rows: Iterable<CallRow>): void {
  const columns = CALL_COLUMNS.join(', ');
  const put = writer.prepare(
    `INSERT INTO calls (${columns}) VALUES (${CALL_COLUMNS.map(() => '?').join(', ')})`,
  );
  writer.exec('BEGIN');
  for (const row of rows) put.run(...toValues(row));
  writer.exec('COMMIT');
}
