import type { DatabaseSync } from 'node:sqlite';
import { asRecorded } from '@tandem/actors/errors';
import type { RecordedEvent } from '@tandem/actors/stores/event-store';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS set_aside (
    projection TEXT NOT NULL,
    position TEXT NOT NULL,
    id TEXT NOT NULL,
    stream TEXT NOT NULL,
    type TEXT NOT NULL,
    code TEXT NOT NULL,
    reason TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS set_aside_counts (
    projection TEXT PRIMARY KEY,
    count INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID
`;

/** The newest events of a projection that are kept; of all of them the count is. */
const KEPT = 1000;
/** Characters of a reason. */
const REASON = 500;

/** The events that a projection could not take: where they are in the store, and why. */
export interface SetAside {
  /** Within a transaction of the caller's. */
  add(event: RecordedEvent, error: unknown): void;
  count(): number;
}

export function sqliteSetAside(database: DatabaseSync, projection: string): SetAside {
  database.exec(SCHEMA);
  const put = database.prepare('INSERT INTO set_aside VALUES (?, ?, ?, ?, ?, ?, ?)');
  const trim = database.prepare(
    `DELETE FROM set_aside WHERE projection = ? AND rowid <=
      (SELECT max(rowid) FROM set_aside WHERE projection = ?) - ${KEPT}`,
  );
  const increment = database.prepare(
    'INSERT INTO set_aside_counts VALUES (?, 1) ON CONFLICT DO UPDATE SET count = count + 1',
  );
  const find = database.prepare('SELECT count FROM set_aside_counts WHERE projection = ?');
  return {
    add({ position, id, stream, type }, error) {
      const { code, message } = asRecorded(error);
      put.run(projection, position, id, stream, type, code, message.slice(0, REASON));
      trim.run(projection, projection);
      increment.run(projection);
    },
    count: () => Number(find.get(projection)?.count ?? 0),
  };
}
