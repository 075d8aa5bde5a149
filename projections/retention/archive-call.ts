import { setImmediate as nextTurn } from 'node:timers/promises';
import { isTandemError, TandemError } from '@tandem/actors/errors';
import { currentVersion, derivedUuid } from '@tandem/actors/events';
import { CallStreams } from '@tandem/actors/history';
import { callStream } from '@tandem/actors/names';
import { deleteActor } from '@tandem/actors/retention';
import type { EventStore, NewEvent, RecordedEvent } from '@tandem/actors/stores/event-store';
import type { Messages } from '@tandem/proto/generated/events.ts';
import type { CallRow } from '../calls/index.ts';
import { archivedCall, projectCall } from '../calls/index.ts';

type CallArchived = Messages['CallArchived'];

export interface ArchiveOptions {
  /** The region that does it. */
  readonly region: string;
  /** What says that the call's events are kept no longer. */
  readonly retention: string;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
}

/** Rows, or streams, of one event: a store takes less than a megabyte, and a row may hold long URIs. */
const MOST_OF_PART = 200;
/** Streams that are deleted at a time. */
const TOGETHER = 10;
/** Events that are read at a time. */
const FEW = 20;

export const archiveStream = (callSid: string): string => `archive-${callSid}`;

/** What the archive has of a call, if it is there whole. @throws store.* */
export async function readArchive(
  store: EventStore,
  callSid: string,
): Promise<readonly RecordedEvent<CallArchived>[] | undefined> {
  const events = (await Array.fromAsync(
    store.readStream(archiveStream(callSid)),
  )) as RecordedEvent<CallArchived>[];
  const [first] = events;
  return first && events.length >= first.data.parts ? events : undefined;
}

/**
 * Archives a call that has ended: first what lists show of it is stored, then its streams are removed, its own last. After
 * a crash it goes on from what is stored; done again, it does nothing.
 *
 * @returns how many streams it removed
 * @throws runtime.unknown-version, store.*
 */
export async function archiveCall(
  store: EventStore,
  callSid: string,
  options: ArchiveOptions,
): Promise<number> {
  let archive = await readArchive(store, callSid);
  if (!archive) {
    const look = await lookAt(store, callSid);
    // It has gone without an archive, as what belongs to nobody does.
    if (!look) return 0;
    await append(
      store,
      callSid,
      partsOf(callSid, look, options.retention, await begunIn(store, callSid)),
      options,
    );
    archive = await readArchive(store, callSid);
  }
  const streams = archive?.flatMap(({ data }) => data.streams) ?? [];
  const own = callStream(callSid);
  const others = streams.filter((stream) => stream !== own);
  let removed = 0;
  for (let at = 0; at < others.length; at += TOGETHER) {
    const some = others.slice(at, at + TOGETHER);
    const done = await Promise.all(some.map((stream) => deleteActor(store, stream)));
    removed += done.filter(Boolean).length;
  }
  return removed + Number(await deleteActor(store, own));
}

/** Of an archive that a crash has left in part: how many parts it was to have. */
async function begunIn(store: EventStore, callSid: string): Promise<number | undefined> {
  for await (const { data } of store.readStream(archiveStream(callSid), { limit: 1 }))
    return (data as CallArchived).parts;
  return undefined;
}

/** The events of a stream, few at a time: those of a call may hold tens of KiB each, and nothing else is done meanwhile. */
async function* eventsOf(store: EventStore, stream: string): AsyncGenerator<RecordedEvent> {
  for (let from = 0; ; from += FEW) {
    const events = await Array.fromAsync(store.readStream(stream, { from, limit: FEW }));
    yield* events;
    if (events.length < FEW) return;
    await nextTurn();
  }
}

/** What there is of a call in a store. */
export interface ArchiveLook {
  /** As lists have them: the call's, and those of the legs that it dialled. */
  readonly rows: readonly CallRow[];
  readonly streams: readonly string[];
}

/**
 * What there is of a call: its rows as lists have them, and its streams. Only these are in memory, not its events. They
 * are read in an order in which the rows come out as they do from the order in which everything was stored: a leg's own
 * facts before what the call says of it, the call's first event before all.
 *
 * @returns nothing for a call that is not there
 * @throws runtime.unknown-version, store.*
 */
export async function lookAt(store: EventStore, callSid: string): Promise<ArchiveLook | undefined> {
  const bySid = new Map<string, CallRow>();
  const sidOfLeg = new Map<string, string>();
  const rows = {
    bySid: (sid: string) => bySid.get(sid),
    byLeg: (legId: string) => bySid.get(sidOfLeg.get(legId) ?? ''),
  };
  const project = (event: RecordedEvent): void => {
    for (const row of projectCall(event, rows)) {
      bySid.set(row.sid, row);
      sidOfLeg.set(row.legId, row.sid);
    }
  };
  const own = callStream(callSid);
  const streams: string[] = [];
  const others = await othersOf(store, own, project);
  if (!others) return undefined;
  for (const stream of others) if (await isOf(store, callSid, stream, project)) streams.push(stream);
  for await (const event of eventsOf(store, own)) if (event.revision > 0) project(event);
  return { rows: [...bySid.values()], streams: [...streams, own] };
}

/** Whether a stream is the call's; a call may name what is none of its own. Its events are projected if it is. */
async function isOf(
  store: EventStore,
  callSid: string,
  stream: string,
  project: (event: RecordedEvent) => void,
): Promise<boolean> {
  let isOurs = false;
  try {
    for await (const event of eventsOf(store, stream)) {
      isOurs ||= event.correlation === callSid;
      if (!isOurs) return false;
      project(event);
    }
  } catch (error) {
    if (!isTandemError(error, 'store.stream-deleted')) throw error;
  }
  return isOurs;
}

/** The streams that a call names; nothing when it is not there. @throws runtime.unknown-version, store.* */
async function othersOf(
  store: EventStore,
  own: string,
  project: (event: RecordedEvent) => void,
): Promise<string[] | undefined> {
  const others = new CallStreams();
  let isThere = false;
  try {
    for await (const event of eventsOf(store, own)) {
      isThere = true;
      if (event.revision === 0) project(event);
      others.take(event);
    }
  } catch (error) {
    if (!isTandemError(error, 'store.stream-deleted')) throw error;
    isThere = false;
  }
  return isThere ? others.list() : undefined;
}

/** Both lists in parts of some hundred; the call's row is in the first, its stream in the last. */
function partsOf(
  callSid: string,
  { rows, streams }: ArchiveLook,
  retention: string,
  begunIn: number | undefined,
): CallArchived[] {
  const parts = begunIn ?? Math.max(1, Math.ceil(Math.max(rows.length, streams.length) / MOST_OF_PART));
  return Array.from({ length: parts }, (_, part) => {
    const from = part * MOST_OF_PART;
    const to = part === parts - 1 ? undefined : from + MOST_OF_PART;
    return {
      callSid,
      retention,
      part,
      parts,
      calls: rows.slice(from, to).map(archivedCall),
      streams: streams.slice(from, to),
    };
  });
}

async function append(
  store: EventStore,
  callSid: string,
  parts: readonly CallArchived[],
  { region, now }: ArchiveOptions,
): Promise<void> {
  for (const data of parts) {
    const event: NewEvent = {
      // Another process that archives the same stores the same.
      id: derivedUuid(callSid, `archived ${data.part}`),
      type: 'CallArchived',
      version: currentVersion('CallArchived'),
      time: now(),
      region,
      cause: '',
      correlation: callSid,
      data,
    };
    await store.append(archiveStream(callSid), data.part === 0 ? 'no-stream' : data.part - 1, [event]);
  }
}

/** @throws api.archived when it is that a call's events are kept no longer; nothing when it is not */
export async function refuseArchived(store: EventStore, callSid: string): Promise<void> {
  const [first] = (await readArchive(store, callSid)) ?? [];
  if (!first) return;
  const at = new Date(first.time).toISOString();
  throw new TandemError('api.archived', { callSid, at, retention: first.data.retention });
}
