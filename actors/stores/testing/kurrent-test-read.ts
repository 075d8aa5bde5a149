import { randomUUID } from 'node:crypto';
import sharedMessages from '@eventstore/db-client/generated/shared_pb.js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import streamsMessages from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { KurrentTestLog, LogRecord } from './kurrent-test-log.ts';
import { nameFrom, streamIdentifier } from './kurrent-test-messages.ts';

type Call = ServerWritableStream<ReadReq, ReadResp>;
type Options = ReadReq.Options;

const eventMessage = (record: LogRecord): ReadResp => {
  const event = new streamsMessages.ReadResp.ReadEvent.RecordedEvent();
  const id = new sharedMessages.UUID();
  id.setString(record.id);
  event.setId(id);
  event.setStreamIdentifier(streamIdentifier(record.stream));
  event.setStreamRevision(String(record.revision));
  event.setCommitPosition(String(record.position));
  event.setPreparePosition(String(record.position));
  for (const [key, value] of record.metadata) event.getMetadataMap().set(key, value);
  // In ticks of 100 ns since the Unix epoch.
  event.getMetadataMap().set('created', String(record.created * 10_000));
  event.setCustomMetadata(record.custom);
  event.setData(record.data);
  const resolved = new streamsMessages.ReadResp.ReadEvent();
  resolved.setEvent(event);
  resolved.setCommitPosition(String(record.position));
  const response = new streamsMessages.ReadResp();
  response.setEvent(resolved);
  return response;
};

const filterOf = (options: Options): ((record: LogRecord) => boolean) => {
  const filter = options.getFilter();
  const expression = filter?.getEventType() ?? filter?.getStreamIdentifier();
  if (filter === undefined || expression === undefined) return () => true;
  const text = filter.hasEventType()
    ? (record: LogRecord) => record.metadata.get('type') ?? ''
    : (record: LogRecord) => record.stream;
  const prefixes = expression.getPrefixList();
  if (prefixes.length > 0) return (record) => prefixes.some((prefix) => text(record).startsWith(prefix));
  const regex = new RegExp(expression.getRegex());
  return (record) => regex.test(text(record));
};

/** Waits until the caller has taken what was written, as flow control asks. */
const write = async (call: Call, response: ReadResp): Promise<void> => {
  if (call.write(response) || call.cancelled) return;
  await new Promise<void>((resolve) => {
    const go = (): void => {
      call.off('drain', go);
      call.off('cancelled', go);
      resolve();
    };
    call.on('drain', go);
    call.on('cancelled', go);
  });
};

/** Events from where the request says: that event too for a read, those after it for a subscription. */
const selectAll = (log: KurrentTestLog, options: Options, subscription: boolean): readonly LogRecord[] => {
  const all = log.all();
  const place = options.getAll()?.getPosition();
  const from = place && BigInt(place.getCommitPosition());
  const atEnd = options.getAll()?.hasEnd() ?? false;
  if (options.getReadDirection() === streamsMessages.ReadReq.Options.ReadDirection.BACKWARDS) {
    if (from === undefined) return atEnd ? all.toReversed() : [];
    return all.filter((record) => record.position < from).reverse();
  }
  if (from === undefined) return atEnd ? [] : all;
  return all.filter((record) => (subscription ? record.position > from : record.position >= from));
};

const selectStream = (
  log: KurrentTestLog,
  options: Options,
  name: string,
  subscription: boolean,
): readonly LogRecord[] => {
  const events = log.stream(name) ?? [];
  const place = options.getStream();
  const from = place?.hasRevision() ? BigInt(place.getRevision()) : undefined;
  const atEnd = place?.hasEnd() ?? false;
  if (options.getReadDirection() === streamsMessages.ReadReq.Options.ReadDirection.BACKWARDS) {
    if (from === undefined) return atEnd ? events.toReversed() : events.slice(0, 1);
    return events.filter((record) => record.revision <= from).reverse();
  }
  if (from === undefined) return atEnd ? [] : events;
  return events.filter((record) => (subscription ? record.revision > from : record.revision >= from));
};

const notFound = (name: string): ReadResp => {
  const missing = new streamsMessages.ReadResp.StreamNotFound();
  missing.setStreamIdentifier(streamIdentifier(name));
  const response = new streamsMessages.ReadResp();
  response.setStreamNotFound(missing);
  return response;
};

const confirmation = (): ReadResp => {
  const confirmed = new streamsMessages.ReadResp.SubscriptionConfirmation();
  confirmed.setSubscriptionId(randomUUID());
  const response = new streamsMessages.ReadResp();
  response.setConfirmation(confirmed);
  return response;
};

const caughtUp = (): ReadResp => {
  const response = new streamsMessages.ReadResp();
  response.setCaughtUp(new streamsMessages.ReadResp.CaughtUp());
  return response;
};

const checkpoint = (record: LogRecord): ReadResp => {
  const reached = new streamsMessages.ReadResp.Checkpoint();
  reached.setCommitPosition(String(record.position));
  reached.setPreparePosition(String(record.position));
  const response = new streamsMessages.ReadResp();
  response.setCheckpoint(reached);
  return response;
};

const nameOf = (options: Options): string | undefined => {
  const identifier = options.getStream()?.getStreamIdentifier();
  return identifier && nameFrom(identifier);
};

/** Answers a read with what is there now. */
export const answerRead = async (log: KurrentTestLog, call: Call): Promise<void> => {
  const options = call.request.getOptions()!;
  const name = nameOf(options);
  if (name !== undefined && log.stream(name) === undefined) {
    await write(call, notFound(name));
    return;
  }
  const selected =
    name === undefined ? selectAll(log, options, false) : selectStream(log, options, name, false);
  for (const record of selected.filter(filterOf(options)).slice(0, Number(options.getCount()))) {
    if (call.cancelled) return;
    await write(call, eventMessage(record));
  }
};

/**
 * Serves a subscription until the caller cancels it or its stream is deleted: confirmation, what is there,
 * "caught up", then each event as it is written, with checkpoints where a filter left events out.
 */
export const serveSubscription = async (log: KurrentTestLog, call: Call): Promise<void> => {
  const options = call.request.getOptions()!;
  const name = nameOf(options);
  const wanted = filterOf(options);
  const all = (): readonly LogRecord[] => (name === undefined ? log.all() : (log.stream(name) ?? []));

  await write(call, confirmation());
  const first =
    name === undefined ? selectAll(log, options, true)[0] : selectStream(log, options, name, true)[0];
  let next = first === undefined ? all().length : all().indexOf(first);
  let live = false;
  while (!call.cancelled) {
    if (name !== undefined && log.isDeleted(name)) return;
    const record = all()[next];
    if (record !== undefined) {
      next += 1;
      await write(call, wanted(record) ? eventMessage(record) : checkpoint(record));
      continue;
    }
    if (!live) await write(call, caughtUp());
    live = true;
    if (all()[next] !== undefined || (name !== undefined && log.isDeleted(name))) continue;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        off();
        call.off('cancelled', go);
        resolve();
      };
      const off = log.onChange(go);
      call.on('cancelled', go);
    });
  }
};
