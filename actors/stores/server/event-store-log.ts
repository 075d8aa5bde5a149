import { isTandemError, TandemError } from '../../errors/index.ts';
import type { EventStore, ExpectedRevision, NewEvent, RecordedEvent } from '../event-store/index.ts';
import { type EventMetadata, metadataOf } from '../kurrent/index.ts';
import type { Expected, LogRecord, Proposed, ServedLog, WriteResult } from './served-log.ts';

const expectedRevision = (stream: string, expected: Expected): ExpectedRevision => {
  if (expected === 'stream-exists') {
    const detail = 'this server takes a revision, no stream or any, and not only that the stream exists';
    throw new TandemError('store.invalid-append', { stream, detail });
  }
  return typeof expected === 'bigint' ? Number(expected) : expected;
};

const parse = (stream: string, id: string, what: string, bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch (error) {
    const detail = `the ${what} of event ${id} is not JSON`;
    throw new TandemError('store.invalid-append', { stream, detail }, { cause: error });
  }
};

/** Events of others than Tandem lack its metadata; what is missing is what an event of nobody's has. */
const asNewEvent = (stream: string, { id, metadata, custom, data }: Proposed): NewEvent => {
  const ours = (custom.length === 0 ? {} : parse(stream, id, 'metadata', custom)) as Partial<EventMetadata>;
  return {
    id,
    type: metadata.get('type') ?? '',
    version: ours.version ?? 1,
    time: ours.time ?? Date.now(),
    region: ours.region ?? '',
    cause: ours.$causationId ?? '',
    correlation: ours.$correlationId ?? '',
    data: parse(stream, id, 'data', data),
  };
};

const asRecord = (event: RecordedEvent): LogRecord => ({
  stream: event.stream,
  revision: BigInt(event.revision),
  position: BigInt(event.position),
  created: Math.round(event.time),
  id: event.id,
  metadata: new Map([
    ['type', event.type],
    ['content-type', 'application/json'],
  ]),
  custom: Buffer.from(JSON.stringify(metadataOf(event))),
  data: Buffer.from(JSON.stringify(event.data)),
});

/** What the store said instead of writing; other errors are thrown on. */
const refusal = (error: unknown): WriteResult => {
  if (isTandemError(error, 'store.stream-deleted')) return { kind: 'stream-deleted' };
  if (!isTandemError(error, 'store.wrong-revision')) throw error;
  const { actual } = error.params;
  return { kind: 'wrong-expected-version', current: typeof actual === 'number' ? BigInt(actual) : undefined };
};

/** An event store whose positions are whole numbers, such as the embedded one, as a store server serves it. */
export function eventStoreLog(store: EventStore): ServedLog {
  return {
    async append(stream, expected, events) {
      try {
        const proposed = events.map((event) => asNewEvent(stream, event));
        const { revision, position } = await store.append(
          stream,
          expectedRevision(stream, expected),
          proposed,
        );
        return { kind: 'written', revision: BigInt(revision), position: BigInt(position) };
      } catch (error) {
        return refusal(error);
      }
    },
    async tombstone(stream, expected) {
      try {
        await store.delete(stream, expectedRevision(stream, expected));
        return { kind: 'written', revision: 0n, position: 0n };
      } catch (error) {
        return refusal(error);
      }
    },
    async *read({ stream, direction, from, limit }) {
      const forwards = direction === 'forwards';
      if (from === (forwards ? 'end' : 'start') && stream === undefined) return;
      if (stream !== undefined) {
        if (forwards && from === 'end') return;
        const first = typeof from === 'bigint' ? Number(from) : from === 'start' ? 0 : undefined;
        for await (const event of store.readStream(stream, { direction, limit, from: first }))
          yield asRecord(event);
        return;
      }
      // The store reads after a position, the protocol from it on; backwards both leave it out.
      const after = typeof from !== 'bigint' ? undefined : forwards ? from - 1n : from;
      const place = after === undefined || after < 0n ? {} : { after: String(after) };
      for await (const event of store.readAll({ direction, limit, ...place })) yield asRecord(event);
    },
    async exists(stream) {
      for await (const _ of store.readStream(stream, { limit: 1 })) return true;
      return false;
    },
    follow({ stream, after }, handler, caughtUp) {
      void caughtUp();
      const handle = (event: RecordedEvent): Promise<void> => handler(asRecord(event));
      if (stream === undefined)
        return store.subscribeToAll(typeof after === 'bigint' ? { after: String(after) } : after, handle);
      const from = typeof after === 'bigint' ? { after: Number(after) } : after;
      return store.subscribeToStream(stream, from, handle);
    },
  };
}
