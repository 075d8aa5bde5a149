export { checkAppend, dataAsJson, MOST_APPENDED } from './check-append.ts';
export type { Checkpoints } from './checkpoints.ts';
export type {
  Appended,
  AppendOptions,
  EventHandler,
  EventStore,
  ExpectedRevision,
  NewEvent,
  Position,
  ReadAllOptions,
  ReadOptions,
  RecordedEvent,
  SubscribeFrom,
  Subscription,
} from './event-store.ts';
export { keepSubscribedToAll, keepSubscribedToStream } from './keep-subscribed.ts';
export { isAfter, isLinkPosition } from './position.ts';
export { positionWithin } from './position-within.ts';
export { runSubscription } from './subscription.ts';
