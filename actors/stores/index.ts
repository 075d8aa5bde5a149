export {
  type Appended,
  type AppendOptions,
  type Checkpoints,
  type EventHandler,
  type EventStore,
  isAfter,
  isLinkPosition,
  keepSubscribedToAll,
  keepSubscribedToStream,
  MOST_APPENDED,
  type NewEvent,
  type Position,
  positionWithin,
  type RecordedEvent,
  type Subscription,
} from './event-store/index.ts';
export { metadataOf, openKurrentEventStore, toKurrentEvent } from './kurrent/index.ts';
export { openEventStore } from './open-event-store.ts';
export { eventStoreLog, startStoreServer } from './server/index.ts';
export {
  createGroupCommit,
  keepFolderPrivate,
  openSqliteCheckpoints,
  openSqliteEventStore,
  openSqliteFile,
  openSqliteFileForReading,
  openSqliteFileForWriting,
  openWalCheckpoints,
  prepareSchema,
  rollBack,
  sqliteCheckpoints,
  sqliteUnavailable,
} from './sqlite/index.ts';
export { openWaitingEventStore, type WaitingEventStore } from './waiting-event-store.ts';
