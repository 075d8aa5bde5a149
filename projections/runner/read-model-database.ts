import { DatabaseSync } from 'node:sqlite';
import { openSqliteFile, sqliteUnavailable } from '@tandem/actors/stores/sqlite-database.ts';
import type { ReadModelDatabase } from './projection.ts';

/**
 * Opens a file of read models and makes the tables that it lacks. A commit may be lost with the machine, never
 * in part: its position is lost with it, and the events come again.
 *
 * @param schema SQL that may run each time: CREATE … IF NOT EXISTS
 * @throws store.unavailable
 */
export function openReadModelDatabase(file: string, schema: string): ReadModelDatabase {
  const writer = openSqliteFile(file);
  try {
    writer.exec(`PRAGMA synchronous = NORMAL; ${schema}`);
    const reader = new DatabaseSync(file, { readOnly: true });
    return {
      ...{ file, writer, reader },
      close() {
        reader.close();
        writer.close();
      },
    };
  } catch (error) {
    writer.close();
    throw sqliteUnavailable(file, error);
  }
}
