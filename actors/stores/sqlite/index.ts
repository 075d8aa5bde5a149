export { createGroupCommit } from './group-commit.ts';
export { keepFolderPrivate } from './private-files.ts';
export { openSqliteCheckpoints, sqliteCheckpoints } from './sqlite-checkpoints.ts';
export {
  openSqliteFile,
  openSqliteFileForReading,
  openSqliteFileForWriting,
  rollBack,
  sqliteUnavailable,
} from './sqlite-database.ts';
export { openSqliteEventStore, type SqliteEventStoreOptions } from './sqlite-event-store.ts';
export { prepareSchema } from './sqlite-schema.ts';
export { openWalCheckpoints } from './wal-checkpoints.ts';
