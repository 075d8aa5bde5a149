import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { TandemError } from '../../errors/index.ts';
import { createDiskPace } from './disk-pace.ts';
import { makePrivateFile, makePrivateFolder, narrowFile } from './private-files.ts';

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The error under which whatever SQLite or the file system said about a file is reported. */
export const sqliteUnavailable = (file: string, error: unknown): TandemError =>
  error instanceof TandemError
    ? error
    : new TandemError(
        'store.unavailable',
        { store: 'SQLite', detail: `${file}: ${reason(error)}` },
        { cause: error },
      );

export interface OpenSqliteFile {
  readonly database: DatabaseSync;
  /** Closes the file for good. */
  readonly release: () => void;
}

// How long a statement waits, in ms, while another connection to the file is writing.
const BUSY_TIMEOUT = 2000;

/**
 * The lock is the operating system's, on a file beside the database, so it goes with the process however that
 * ends. SQLite's own exclusive mode would keep readers out too.
 */
const lockForWriting = (file: string): (() => void) => {
  if (file === ':memory:') return () => {};
  makePrivateFile(`${file}-lock`);
  const lock = new DatabaseSync(`${file}-lock`);
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    throw new TandemError('store.in-use', { file }, { cause: error });
  }
  return () => lock.close();
};

/**
 * Opens a file to write, for its owner only; its directory is made when it is not there. Commits are whole and in order, but on disk
 * only once the write-ahead log has been synced (see `openWalSync`); a power cut may lose the newest until then.
 * Other connections can read the file meanwhile.
 *
 * @throws store.unavailable
 */
export const openSqliteFile = (file: string): DatabaseSync => {
  let database: DatabaseSync | undefined;
  try {
    if (file !== ':memory:') {
      makePrivateFolder(dirname(file));
      // SQLite gives the files beside it, -wal and -shm, the mode of this one.
      makePrivateFile(file);
      for (const part of [`${file}-wal`, `${file}-shm`]) narrowFile(part);
    }
    database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT });
    database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 67108864',
    );
    return database;
  } catch (error) {
    database?.close();
    throw sqliteUnavailable(file, error);
  }
};

/** Opens a file as the only store that writes it. @throws store.unavailable, store.in-use */
export const openSqliteFileForWriting = (file: string): OpenSqliteFile => {
  const database = openSqliteFile(file);
  try {
    const unlock = lockForWriting(file);
    const release = (): void => {
      database.close();
      unlock();
    };
    return { database, release };
  } catch (error) {
    database.close();
    throw sqliteUnavailable(file, error);
  }
};

/** Puts what was committed to a database on disk. */
export interface WalSync {
  sync(): Promise<void>;
  close(): void;
}

/**
 * In WAL mode a transaction is durable when the write-ahead log is, whoever syncs it; SQLite itself does so within
 * COMMIT (synchronous = FULL), with everything else waiting. Here everything else waits only for a disk that is
 * quick; a slow one is waited for off the main thread. The log exists from the first write on, for as long as a
 * connection is open.
 */
export const openWalSync = (file: string): WalSync => {
  if (file === ':memory:') return { sync: async () => {}, close: () => {} };
  const descriptor = openSync(`${file}-wal`, 'r+');
  const datasync = promisify(fdatasync);
  const pace = createDiskPace();
  return {
    async sync() {
      if (!pace.waitHere()) return datasync(descriptor);
      const start = performance.now();
      fdatasyncSync(descriptor);
      pace.took(performance.now() - start);
    },
    close: () => closeSync(descriptor),
  };
};

/** Opens a file to be read, also while another process writes it. @throws store.unavailable */
export const openSqliteFileForReading = (file: string): OpenSqliteFile => {
  try {
    const database = new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT });
    return { database, release: () => database.close() };
  } catch (error) {
    throw sqliteUnavailable(file, error);
  }
};

// Primary result codes: https://sqlite.org/rescode.html
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;
const BEYOND_TRUST: ReadonlySet<number> = new Set([SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_NOTADB]);

/**
 * Whether an error of SQLite's leaves in doubt what the file holds: the disk failed it, or the file is damaged. A full
 * disk and a lock that was not had leave everything as it was.
 */
export const isBeyondTrust = (error: unknown): boolean => {
  const { errcode } = (error ?? {}) as { errcode?: unknown };
  return typeof errcode === 'number' && BEYOND_TRUST.has(errcode & 0xff);
};

/** Ends a transaction that failed, unless SQLite has done so itself. */
export const rollBack = (database: DatabaseSync): void => {
  try {
    if (database.isTransaction) database.exec('ROLLBACK');
  } catch {
    // The transaction stays open, so the next BEGIN fails and says why.
  }
};
