import { randomUUID } from 'node:crypto';
import sharedMessages from '@eventstore/db-client/generated/shared_pb.js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import streamsMessages from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { nameFrom, streamIdentifier } from './messages.ts';
import type { FollowQuery, LogRecord, ReadQuery, ServedLog } from './served-log.ts';

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

type Query = Omit<ReadQuery, 'limit'>;

/** Where a request begins. */
const queryOf = (options: Options): Query => {
  const stream = nameOf(options);
  const backwards = options.getReadDirection() === streamsMessages.ReadReq.Options.ReadDirection.BACKWARDS;
  const direction = backwards ? 'backwards' : 'forwards';
  if (stream !== undefined) {
    const place = options.getStream()!;
    if (place.hasRevision()) return { stream, direction, from: BigInt(place.getRevision()) };
    return { stream, direction, from: place.hasEnd() ? 'end' : 'start' };
  }
  const place = options.getAll();
  const position = place?.getPosition();
  if (position) return { stream, direction, from: BigInt(position.getCommitPosition()) };
  return { stream, direction, from: place?.hasEnd() ? 'end' : 'start' };
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
export const serveRead = async (log: ServedLog, call: Call): Promise<void> => {
  const options = call.request.getOptions()!;
  const query = queryOf(options);
  const { stream } = query;
  if (stream !== undefined && !(await log.exists(stream))) {
    await write(call, notFound(stream));
    return;
  }
  const wanted = filterOf(options);
  const filtered = options.getFilter() !== undefined;
  let left = Number(options.getCount());
  if (left <= 0) return;
  for await (const record of log.read({ ...query, limit: filtered ? Number.MAX_SAFE_INTEGER : left })) {
    if (call.cancelled) return;
    if (!wanted(record)) continue;
    await write(call, eventMessage(record));
    left -= 1;
    if (left === 0) return;
  }
};

/**
 * Serves a subscription until the caller cancels it or its stream is deleted: confirmation, what is there,
 * "caught up", then each event as it is written, with checkpoints where a filter left events out.
 */
export const serveSubscription = async (
  log: ServedLog,
  call: Call,
  running: Set<() => Promise<void>>,
): Promise<void> => {
  const options = call.request.getOptions()!;
  const { stream, from } = queryOf(options);
  const query: FollowQuery = { stream, after: from };
  const wanted = filterOf(options);
  await write(call, confirmation());
  const following = log.follow(
    query,
    (record) => write(call, wanted(record) ? eventMessage(record) : checkpoint(record)),
    () => write(call, caughtUp()),
  );
  const stop = (): Promise<void> => following.stop();
  call.on('cancelled', stop);
  running.add(stop);
  try {
    if (call.cancelled) await stop();
    await following.ended;
  } finally {
    running.delete(stop);
    call.off('cancelled', stop);
  }
};
