import type { DatabaseSync } from 'node:sqlite';
import type { Checkpoints } from '../event-store/index.ts';
import { openSqliteFile, sqliteUnavailable } from './sqlite-database.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS checkpoints (
    name TEXT PRIMARY KEY,
    position TEXT NOT NULL
  ) STRICT, WITHOUT ROWID
`;

/**
 * Checkpoints in a table of a database that is open already. They are written within the call, so a save
 * between BEGIN and COMMIT is part of that transaction: what was projected and how far stay in step.
 */
export const sqliteCheckpoints = (database: DatabaseSync, file: string): Checkpoints => {
  database.exec(SCHEMA);
  const find = database.prepare('SELECT position FROM checkpoints WHERE name = ?');
  const put = database.prepare('INSERT OR REPLACE INTO checkpoints (name, position) VALUES (?, ?)');
  return {
    load: async (name) => {
      try {
        return find.get(name)?.position as string | undefined;
      } catch (error) {
        throw sqliteUnavailable(file, error);
      }
    },
    save: async (name, position) => {
      try {
        put.run(name, position);
      } catch (error) {
        throw sqliteUnavailable(file, error);
      }
    },
  };
};

export interface SqliteCheckpoints extends Checkpoints {
  close(): void;
}

/**
 * Checkpoints in a file, which may be that of an event store. A save survives the end of the process but, to
 * spare an fsync each, not always that of the machine; its reader then has some events again.
 *
 * @throws store.unavailable
 */
export const openSqliteCheckpoints = (options: { readonly file: string }): SqliteCheckpoints => {
  const { file } = options;
  const database = openSqliteFile(file);
  try {
    database.exec('PRAGMA synchronous = NORMAL');
    return { ...sqliteCheckpoints(database, file), close: () => database.close() };
  } catch (error) {
    database.close();
    throw sqliteUnavailable(file, error);
  }
};
