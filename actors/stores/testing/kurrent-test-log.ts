import { randomUUID } from 'node:crypto';
import { TandemError } from '../../errors/tandem-error.ts';
import type {
  Expected,
  FollowQuery,
  LogRecord,
  Proposed,
  ReadQuery,
  ServedLog,
  WriteResult,
} from '../server/served-log.ts';

export type { Proposed } from '../server/served-log.ts';

const TOMBSTONE_REVISION = 2n ** 63n - 1n;

/**
 * What EventStoreDB keeps, by its documentation: events of streams in one log, optimistic concurrency by
 * expected revision, appends that are idempotent by event id, tombstones. Events of the server itself lie
 * between the others, and positions are no count of events.
 */
export const createKurrentTestLog = (): ServedLog => {
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

  const checkThere = (stream: string | undefined): void => {
    if (stream !== undefined && deleted.has(stream))
      throw new TandemError('store.stream-deleted', { stream });
  };
  const select = ({ stream, direction, from }: ReadQuery): readonly LogRecord[] => {
    const all = stream === undefined ? records : (streams.get(stream) ?? []);
    const placeOf = (record: LogRecord): bigint => (stream === undefined ? record.position : record.revision);
    if (direction === 'forwards') {
      if (typeof from === 'bigint') return all.filter((record) => placeOf(record) >= from);
      return from === 'start' ? all : [];
    }
    if (from === 'end') return all.toReversed();
    if (from === 'start') return stream === undefined ? [] : all.slice(0, 1);
    return all
      .filter((record) => (stream === undefined ? record.position < from : record.revision <= from))
      .reverse();
  };
  async function* read(query: ReadQuery): AsyncGenerator<LogRecord> {
    checkThere(query.stream);
    yield* select(query).slice(0, query.limit);
    checkThere(query.stream);
  }
  const follow: ServedLog['follow'] = ({ stream, after }: FollowQuery, handler, caughtUp) => {
    const all = (): readonly LogRecord[] => (stream === undefined ? records : (streams.get(stream) ?? []));
    const placeOf = (record: LogRecord): bigint => (stream === undefined ? record.position : record.revision);
    const first =
      after === 'start' ? 0 : after === 'end' ? -1 : all().findIndex((record) => placeOf(record) > after);
    let next = first < 0 ? all().length : first;
    let stopped = false;
    let wake = (): void => {};
    const off = (listener: () => void): void => void listeners.delete(listener);
    const run = async (): Promise<void> => {
      let live = false;
      while (!stopped) {
        checkThere(stream);
        const record = all()[next];
        if (record !== undefined) {
          next += 1;
          await handler(record);
          continue;
        }
        if (!live) await caughtUp();
        live = true;
        if (all()[next] !== undefined || stopped) continue;
        checkThere(stream);
        await new Promise<void>((resolve) => {
          wake = resolve;
          listeners.add(wake);
        });
        off(wake);
      }
    };
    const ended = run();
    return {
      ended,
      async stop() {
        stopped = true;
        wake();
        await ended.catch(() => {});
      },
    };
  };

  add('$$$stats-test', systemEvent('$metadata'));

  return {
    append: async (...what) => append(...what),
    tombstone: async (...what) => tombstone(...what),
    read,
    follow,
    async exists(stream) {
      checkThere(stream);
      return streams.has(stream);
    },
  };
};
