import { TandemError } from '../../errors/index.ts';
import type { ExpectedRevision, NewEvent } from './event-store.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const eventFault = (event: NewEvent): string | undefined => {
  if (!UUID.test(event.id)) return `the id "${event.id}" is not a UUID in lower case`;
  if (typeof event.type !== 'string' || event.type === '') return `event ${event.id} has no type`;
  if (event.type.startsWith('$')) return `the type ${event.type} is reserved for the store itself`;
  if (!Number.isSafeInteger(event.version) || event.version < 1) {
    return `event ${event.id} has the schema version ${event.version}`;
  }
  if (!Number.isFinite(event.time)) return `event ${event.id} has the time ${event.time}`;
  if (typeof event.region !== 'string') return `event ${event.id} has no region`;
  if (typeof event.cause !== 'string') return `event ${event.id} has no cause`;
  if (typeof event.correlation !== 'string') return `event ${event.id} has no correlation`;
  if (typeof event.data !== 'object' || event.data === null || Array.isArray(event.data)) {
    return `the data of event ${event.id} is no JSON object`;
  }
  return undefined;
};

const appendFault = (
  stream: string,
  expected: ExpectedRevision,
  events: readonly NewEvent[],
): string | undefined => {
  if (stream === '' || stream.startsWith('$')) return 'a stream name is not empty and does not begin with $';
  if (typeof expected === 'number' && !(Number.isSafeInteger(expected) && expected >= 0)) {
    return `the expected revision ${expected} is not a whole number from 0`;
  }
  if (events.length === 0) return 'it has no events';
  for (const event of events) {
    const fault = eventFault(event);
    if (fault !== undefined) return fault;
  }
  if (events.length > 1 && new Set(events.map((event) => event.id)).size < events.length) {
    return 'two of its events have the same id';
  }
  return undefined;
};

/** Refuses what no store could give back as it was given. @throws store.invalid-append */
export const checkAppend = (
  stream: string,
  expected: ExpectedRevision,
  events: readonly NewEvent[],
): void => {
  const detail = appendFault(stream, expected, events);
  if (detail !== undefined) throw new TandemError('store.invalid-append', { stream, detail });
};

/**
 * Bytes of an append that every store takes. EventStoreDB takes 1,048,576 with what it puts around the events, unless an
 * operator has set less; what a journal takes is to be stored there, too.
 */
export const MOST_APPENDED = 1_000_000;
/** Bytes that are counted for what stands around the data of an event: ids, names, time. */
const ENVELOPE = 400;

/** JSON text of the data of events. @throws store.invalid-append when one has none, or all are too large together */
export const dataAsJson = (stream: string, events: readonly NewEvent[]): string[] => {
  const texts = events.map((event) => textOf(stream, event));
  const bytes = texts.reduce((sum, text) => sum + ENVELOPE + Buffer.byteLength(text), 0);
  if (bytes <= MOST_APPENDED) return texts;
  const detail = `it has about ${bytes} bytes, and no more than ${MOST_APPENDED} fit into one append`;
  throw new TandemError('store.invalid-append', { stream, detail });
};

/** @throws store.invalid-append when it has none (a cycle, a BigInt) */
function textOf(stream: string, event: NewEvent): string {
  try {
    return JSON.stringify(event.data);
  } catch (error) {
    const detail = `the data of event ${event.id} has no JSON form`;
    throw new TandemError('store.invalid-append', { stream, detail }, { cause: error });
  }
}
