import { randomUUID } from 'node:crypto';

export type Expected = bigint | 'any' | 'no-stream' | 'stream-exists';

export interface Proposed {
  readonly id: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly custom: Uint8Array;
  readonly data: Uint8Array;
}

export interface LogRecord extends Proposed {
  readonly stream: string;
  readonly revision: bigint;
  /** Commit and prepare position; they are alike for events that no transaction spans. */
  readonly position: bigint;
  readonly created: number;
}

export type WriteResult =
  | { readonly kind: 'written'; readonly revision: bigint; readonly position: bigint }
  | { readonly kind: 'wrong-expected-version'; readonly current: bigint | undefined }
  | { readonly kind: 'stream-deleted' };

const TOMBSTONE_REVISION = 2n ** 63n - 1n;

/**
 * What EventStoreDB keeps, by its documentation: events of streams in one log, optimistic concurrency by
 * expected revision, appends that are idempotent by event id, tombstones. Events of the server itself lie
 * between the others, and positions are no count of events.
 */
export const createKurrentTestLog = () => {
  const records: LogRecord[] = [];
  const streams = new Map<string, LogRecord[]>();
  const deleted = new Set<string>();
  const listeners = new Set<() => void>();
  let end = 0n;

  const write = (stream: string, revision: bigint, proposed: Proposed): LogRecord => {
    const record = { ...proposed, stream, revision, position: end, created: Date.now() };
    end += 100n + BigInt(proposed.data.length);
    records.push(record);
    return record;
  };

  const add = (stream: string, proposed: Proposed): LogRecord => {
    const events = streams.get(stream) ?? [];
    streams.set(stream, events);
    const record = write(stream, BigInt(events.length), proposed);
    events.push(record);
    return record;
  };

  const systemEvent = (type: string): Proposed => ({
    id: randomUUID(),
    metadata: new Map([
      ['type', type],
      ['content-type', 'application/json'],
    ]),
    custom: new Uint8Array(),
    data: Buffer.from('{}'),
  });

  const changed = (): void => {
    for (const listener of [...listeners]) listener();
  };

  /** The events that are in the stream already, if the append is one made before. */
  const madeBefore = (
    stream: string,
    expected: Expected,
    events: readonly Proposed[],
  ): LogRecord[] | 'no' | 'part' => {
    const held = streams.get(stream) ?? [];
    const byId = expected === 'any' || expected === 'stream-exists';
    const first = byId
      ? held.findIndex((record) => record.id === events[0]?.id)
      : Number(expected === 'no-stream' ? 0n : (expected as bigint) + 1n);
    const there = first < 0 ? [] : held.slice(first, first + events.length);
    const same = there.filter((record, i) => record.id === events[i]?.id);
    if (same.length === 0) return 'no';
    return same.length === events.length ? same : 'part';
  };

  const current = (stream: string): bigint | undefined => {
    const length = streams.get(stream)?.length ?? 0;
    return length === 0 ? undefined : BigInt(length - 1);
  };

  const matches = (stream: string, expected: Expected): boolean => {
    const revision = current(stream);
    if (expected === 'any') return true;
    if (expected === 'stream-exists') return revision !== undefined;
    return expected === 'no-stream' ? revision === undefined : revision === expected;
  };

  const append = (stream: string, expected: Expected, events: readonly Proposed[]): WriteResult => {
    if (deleted.has(stream)) return { kind: 'stream-deleted' };
    const before = madeBefore(stream, expected, events);
    if (Array.isArray(before)) {
      const last = before.at(-1)!;
      return { kind: 'written', revision: last.revision, position: last.position };
    }
    if (before === 'part' || !matches(stream, expected)) {
      return { kind: 'wrong-expected-version', current: current(stream) };
    }
    const written = events.map((event) => add(stream, event));
    if (records.length % 7 === 0) add('$stats-test', systemEvent('$statsCollected'));
    changed();
    const last = written.at(-1)!;
    return { kind: 'written', revision: last.revision, position: last.position };
  };

  const tombstone = (stream: string, expected: Expected): WriteResult => {
    if (deleted.has(stream)) return { kind: 'stream-deleted' };
    if (!matches(stream, expected)) return { kind: 'wrong-expected-version', current: current(stream) };
    const record = write(stream, TOMBSTONE_REVISION, systemEvent('$streamDeleted'));
    deleted.add(stream);
    changed();
    return { kind: 'written', revision: record.revision, position: record.position };
  };

  add('$$$stats-test', systemEvent('$metadata'));

  return {
    append,
    tombstone,
    isDeleted: (stream: string): boolean => deleted.has(stream),
    /** Events of a stream; undefined when it does not exist. */
    stream: (stream: string): readonly LogRecord[] | undefined => streams.get(stream),
    all: (): readonly LogRecord[] => records,
    /** Calls the listener after each write, until the returned function is called. */
    onChange: (listener: () => void): (() => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};

export type KurrentTestLog = ReturnType<typeof createKurrentTestLog>;
