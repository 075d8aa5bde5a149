import { rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { openSqliteFile, openWalCheckpoints, sqliteUnavailable } from '@tandem/actors/stores/sqlite';

/** A database of read models, to be written. It is read over connections of their own, on other threads. */
export interface ReadModelDatabase {
  readonly file: string;
  readonly writer: DatabaseSync;
  /** To be called when the writer has committed something. */
  committed(): void;
  close(): void;
}

export interface ReadModelSchema {
  /** From 1. Raised when the tables, or what goes into them, change. */
  readonly version: number;
  /** Makes the tables. */
  readonly sql: string;
}

/**
 * Opens a file of read models. One of another schema version is thrown away: everything in it is in the events,
 * and comes again. A commit may be lost with the machine, never in part: its position is lost with it.
 *
 * @throws store.unavailable
 */
export function openReadModelDatabase(file: string, schema: ReadModelSchema): ReadModelDatabase {
  let writer = openSqliteFile(file);
  try {
    if (versionOf(writer) !== schema.version) {
      writer.close();
      for (const part of [file, `${file}-wal`, `${file}-shm`]) rmSync(part, { force: true });
      writer = openSqliteFile(file);
      writer.exec(`BEGIN; ${schema.sql}; PRAGMA user_version = ${schema.version}; COMMIT`);
    }
    writer.exec('PRAGMA synchronous = NORMAL');
    const checkpoints = openWalCheckpoints(writer, file);
    return {
      file,
      writer,
      committed: checkpoints.committed,
      close() {
        checkpoints.close();
        writer.close();
      },
    };
  } catch (error) {
    if (writer.isOpen) writer.close();
    throw sqliteUnavailable(file, error);
  }
}

const versionOf = (database: DatabaseSync): number =>
  Number(database.prepare('PRAGMA user_version').get()?.user_version);
