import { type EventData, jsonEvent, type ResolvedEvent } from '@eventstore/db-client';
import type { NewEvent, RecordedEvent } from '../event-store/index.ts';
import { formatKurrentPosition } from './kurrent-position.ts';

/** `$correlationId` and `$causationId` are the names by which the server's own projections know them. */
export interface EventMetadata {
  readonly version: number;
  readonly time: number;
  readonly region: string;
  readonly $causationId: string;
  readonly $correlationId: string;
}

export const metadataOf = (event: NewEvent): EventMetadata => ({
  version: event.version,
  time: event.time,
  region: event.region,
  $causationId: event.cause,
  $correlationId: event.correlation,
});

const utf8 = new TextEncoder();

/** The library turns an object into Base64 and back, twice for each append; it takes bytes as they are. */
export const toKurrentEvent = (event: NewEvent): EventData =>
  jsonEvent({
    id: event.id,
    type: event.type,
    data: event.data as Record<string, unknown>,
    metadata: utf8.encode(JSON.stringify(metadataOf(event))),
  });

/**
 * The event that the server gave, or undefined for one of its own, for a link, and for what is not JSON and so
 * not ours. Events that others wrote into the same store have no metadata of ours; theirs is filled in.
 */
export const fromKurrentEvent = ({ event }: ResolvedEvent): RecordedEvent | undefined => {
  if (event === undefined || !event.isJson || !event.position) return undefined;
  if (event.type.startsWith('$') || event.streamId.startsWith('$')) return undefined;
  const metadata = (event.metadata ?? {}) as Partial<EventMetadata>;
  return {
    stream: event.streamId,
    revision: Number(event.revision),
    position: formatKurrentPosition(event.position),
    id: event.id,
    type: event.type,
    version: metadata.version ?? 1,
    time: metadata.time ?? event.created.getTime(),
    region: metadata.region ?? '',
    cause: metadata.$causationId ?? '',
    correlation: metadata.$correlationId ?? '',
    data: event.data,
  };
};
