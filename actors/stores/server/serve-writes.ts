import { createRequire } from 'node:module';
import sharedMessages from '@eventstore/db-client/generated/shared_pb.js';
import statusMessages from '@eventstore/db-client/generated/status_pb.js';
import type {
  AppendReq,
  AppendResp,
  BatchAppendReq,
  BatchAppendResp,
  TombstoneReq,
  TombstoneResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import streamsMessages from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerDuplexStream, ServerReadableStream, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import { asRecorded, isTandemError } from '../../errors/index.ts';
import { exception, nameFrom, refused, serverFault, streamDeleted, streamIdentifier } from './messages.ts';
import { type Expected, type Proposed, type ServedLog, ServerFault, type WriteResult } from './served-log.ts';

/** The client library's own copy of the messages that every protobuf knows. */
const { Any } = createRequire(createRequire(import.meta.url).resolve('@eventstore/db-client'))(
  'google-protobuf/google/protobuf/any_pb.js',
);

/** Bytes of an append, as EventStoreDB has it unless its operator says otherwise. */
export const MAX_APPEND_SIZE = 1024 * 1024;
/** Bytes that one caller's appends may hold here, of those whose end has not come and those that are being written. */
const MOST_HELD = 16 * 1024 * 1024;
/** Appends of one caller whose end has not come. */
const MOST_OPEN = 1000;

const proposed = (message: AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage): Proposed => ({
  id: message.getId()!.getString(),
  metadata: new Map(message.getMetadataMap().toArray()),
  custom: message.getCustomMetadata_asU8(),
  data: message.getData_asU8(),
});

/** With what stands around an event: its id, its type, the names of the fields. */
const sizeOf = (events: readonly Proposed[]): number =>
  events.reduce((size, { id, metadata, data, custom }) => {
    let envelope = id.length;
    for (const [name, value] of metadata) envelope += name.length + value.length;
    return size + envelope + data.length + custom.length;
  }, 0);

interface RevisionOptions {
  hasNoStream(): boolean;
  hasAny(): boolean;
  hasStreamExists(): boolean;
}

const expectation = (options: RevisionOptions, revision: string): Expected => {
  if (options.hasAny()) return 'any';
  if (options.hasNoStream()) return 'no-stream';
  return options.hasStreamExists() ? 'stream-exists' : BigInt(revision);
};

const appendAnswer = (
  result: Exclude<WriteResult, { kind: 'stream-deleted' }>,
  expected: Expected,
): AppendResp => {
  const response = new streamsMessages.AppendResp();
  if (result.kind === 'written') {
    const position = new streamsMessages.AppendResp.Position();
    position.setCommitPosition(String(result.position));
    position.setPreparePosition(String(result.position));
    const success = new streamsMessages.AppendResp.Success();
    success.setCurrentRevision(String(result.revision));
    success.setPosition(position);
    response.setSuccess(success);
    return response;
  }
  const wrong = new streamsMessages.AppendResp.WrongExpectedVersion();
  if (result.current === undefined) wrong.setCurrentNoStream(new sharedMessages.Empty());
  else wrong.setCurrentRevision(String(result.current));
  if (expected === 'any') wrong.setExpectedAny(new sharedMessages.Empty());
  else if (expected === 'no-stream') wrong.setExpectedNoStream(new sharedMessages.Empty());
  else if (expected === 'stream-exists') wrong.setExpectedStreamExists(new sharedMessages.Empty());
  else wrong.setExpectedRevision(String(expected));
  response.setWrongExpectedVersion(wrong);
  return response;
};

const isTooMuch = (events: readonly Proposed[]): boolean => sizeOf(events) > MOST_HELD;

/** An append that the log refuses in no way that the protocol has a message for. */
const fault = (error: unknown) =>
  error instanceof ServerFault
    ? serverFault(error)
    : refused(
        isTandemError(error, 'store.invalid-append') ? status.INVALID_ARGUMENT : status.UNAVAILABLE,
        asRecorded(error).message,
      );

/** Append: options first, then one event a message, one answer. */
export const serveAppend = async (
  log: ServedLog,
  call: ServerReadableStream<AppendReq, AppendResp>,
  answer: sendUnaryData<AppendResp>,
  maxAppendSize: number,
): Promise<void> => {
  let options: AppendReq.Options | undefined;
  const events: Proposed[] = [];
  for await (const request of call as AsyncIterable<AppendReq>) {
    options ??= request.getOptions();
    const message = request.getProposedMessage();
    if (message && !isTooMuch(events)) events.push(proposed(message));
  }
  if (options === undefined) return answer(refused(status.INVALID_ARGUMENT, 'an append without options'));
  const stream = nameFrom(options.getStreamIdentifier());
  if (sizeOf(events) > maxAppendSize) {
    const fields = { 'maximum-append-size': String(maxAppendSize) };
    answer(exception('maximum-append-size-exceeded', fields));
    return;
  }
  const expected = expectation(options, options.getRevision());
  try {
    const result = await log.append(stream, expected, events);
    if (result.kind === 'stream-deleted') answer(streamDeleted(stream));
    else answer(null, appendAnswer(result, expected));
  } catch (error) {
    answer(fault(error));
  }
};

const batchError = (type: string, message: { serializeBinary(): Uint8Array }) => {
  const details = new Any();
  details.pack(message.serializeBinary(), `event_store.client.${type}`);
  const error = new statusMessages.Status();
  error.setMessage(type);
  error.setDetails(details);
  return error;
};

const wrongExpectedVersion = (current: bigint | undefined, expected: Expected) => {
  const wrong = new sharedMessages.WrongExpectedVersion();
  if (current === undefined) wrong.setCurrentNoStream(new sharedMessages.Empty());
  else wrong.setCurrentStreamRevision(String(current));
  if (expected === 'any') wrong.setExpectedAny(new sharedMessages.Empty());
  else if (expected === 'no-stream') wrong.setExpectedNoStream(new sharedMessages.Empty());
  else if (expected === 'stream-exists') wrong.setExpectedStreamExists(new sharedMessages.Empty());
  else wrong.setExpectedStreamPosition(String(expected));
  return batchError('WrongExpectedVersion', wrong);
};

const batchAnswer = async (
  log: ServedLog,
  options: BatchAppendReq.Options,
  events: readonly Proposed[],
  maxAppendSize: number,
): Promise<BatchAppendResp> => {
  const stream = nameFrom(options.getStreamIdentifier());
  const response = new streamsMessages.BatchAppendResp();
  response.setStreamIdentifier(streamIdentifier(stream));
  if (sizeOf(events) > maxAppendSize) {
    const exceeded = new sharedMessages.MaximumAppendSizeExceeded();
    exceeded.setMaxappendsize(maxAppendSize);
    response.setError(batchError('MaximumAppendSizeExceeded', exceeded));
    return response;
  }
  const expected = expectation(options, options.getStreamPosition());
  let result: WriteResult;
  try {
    result = await log.append(stream, expected, events);
  } catch (error) {
    response.setError(batchFault(error));
    return response;
  }
  if (result.kind === 'stream-deleted') {
    const deleted = new sharedMessages.StreamDeleted();
    deleted.setStreamIdentifier(streamIdentifier(stream));
    response.setError(batchError('StreamDeleted', deleted));
  } else if (result.kind === 'wrong-expected-version') {
    response.setError(wrongExpectedVersion(result.current, expected));
  } else {
    const position = new sharedMessages.AllStreamPosition();
    position.setCommitPosition(String(result.position));
    position.setPreparePosition(String(result.position));
    const success = new streamsMessages.BatchAppendResp.Success();
    success.setCurrentRevision(String(result.revision));
    success.setPosition(position);
    response.setSuccess(success);
  }
  return response;
};

const batchFault = (error: unknown) => {
  if (error instanceof ServerFault) {
    // EventStoreDB says nothing with these; that a node is not ready has no type that its client library knows.
    if (error.kind === 'timeout') return batchError('Timeout', new sharedMessages.Timeout());
    if (error.kind === 'access-denied') return batchError('AccessDenied', new sharedMessages.AccessDenied());
    const failed = batchError('BadRequest', new sharedMessages.BadRequest());
    failed.setMessage('Server Is Not Ready');
    return failed;
  }
  const isBad = isTandemError(error, 'store.invalid-append');
  const wrong = isBad ? new sharedMessages.BadRequest() : new sharedMessages.Unknown();
  if (isBad) (wrong as InstanceType<typeof sharedMessages.BadRequest>).setMessage(asRecorded(error).message);
  const failed = batchError(isBad ? 'BadRequest' : 'Unknown', wrong);
  failed.setMessage(asRecorded(error).message);
  return failed;
};

/**
 * BatchAppend: many appends over one call, told apart by correlation id, each in one message or several. They are
 * handed to the log in the order of their ends and without waiting for each other, so that it can commit many at once;
 * a caller that sends more than may be held is read no further until some are written.
 */
export const serveBatchAppend = async (
  log: ServedLog,
  call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>,
  hold: (writing: Promise<void>) => void,
  maxAppendSize: number,
): Promise<void> => {
  const open = new Map<string, { options: BatchAppendReq.Options; events: Proposed[] }>();
  const writing = new Set<Promise<void>>();
  let held = 0;
  for await (const request of call as AsyncIterable<BatchAppendReq>) {
    const id = request.getCorrelationId()!;
    const options = request.getOptions();
    const append = open.get(id.getString()) ?? (options && { options, events: [] });
    if (append === undefined) continue;
    open.set(id.getString(), append);
    const more = request.getProposedMessagesList().map(proposed);
    append.events.push(...more);
    held += sizeOf(more);
    if (request.getIsFinal()) {
      open.delete(id.getString());
      const written = batchAnswer(log, append.options, append.events, maxAppendSize).then((response) => {
        response.setCorrelationId(id);
        if (!call.cancelled) call.write(response);
        held -= sizeOf(append.events);
        writing.delete(written);
      });
      writing.add(written);
      hold(written);
    }
    if (open.size > MOST_OPEN || (held > MOST_HELD && writing.size === 0))
      throw refused(status.RESOURCE_EXHAUSTED, 'too many appends whose ends have not come');
    while (held > MOST_HELD && writing.size > 0) await Promise.race(writing);
  }
  await Promise.all(writing);
};

/** Tombstone: deletes a stream for good. */
export const serveTombstone = async (
  log: ServedLog,
  call: ServerUnaryCall<TombstoneReq, TombstoneResp>,
  answer: sendUnaryData<TombstoneResp>,
): Promise<void> => {
  const options = call.request.getOptions()!;
  const stream = nameFrom(options.getStreamIdentifier());
  const expected = expectation(options, options.getRevision());
  const result = await log.tombstone(stream, expected);
  if (result.kind === 'stream-deleted') {
    answer(streamDeleted(stream));
  } else if (result.kind === 'wrong-expected-version') {
    const numbers = { any: '-2', 'no-stream': '-1', 'stream-exists': '-4' };
    answer(
      exception('wrong-expected-version', {
        'stream-name': encodeURIComponent(stream),
        'expected-version': typeof expected === 'bigint' ? String(expected) : numbers[expected],
        'actual-version': String(result.current ?? -1),
      }),
    );
  } else {
    const position = new streamsMessages.TombstoneResp.Position();
    position.setCommitPosition(String(result.position));
    position.setPreparePosition(String(result.position));
    const response = new streamsMessages.TombstoneResp();
    response.setPosition(position);
    answer(null, response);
  }
};
