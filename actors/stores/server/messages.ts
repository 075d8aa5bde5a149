import type { StreamIdentifier } from '@eventstore/db-client/generated/shared_pb.js';
import sharedMessages from '@eventstore/db-client/generated/shared_pb.js';
import { Metadata, status } from '@grpc/grpc-js';
import type { ServerFault } from './served-log.ts';

export const streamIdentifier = (name: string): StreamIdentifier => {
  const identifier = new sharedMessages.StreamIdentifier();
  identifier.setStreamName(Buffer.from(name).toString('base64'));
  return identifier;
};

export const nameFrom = (identifier: StreamIdentifier | undefined): string =>
  Buffer.from(identifier!.getStreamName_asU8()).toString();

/** The error that EventStoreDB gives for what a call cannot do, named in its trailing metadata. */
export const exception = (name: string, fields: Record<string, string>) => {
  const metadata = new Metadata();
  metadata.set('exception', name);
  for (const [key, value] of Object.entries(fields)) metadata.set(key, value);
  return { code: status.FAILED_PRECONDITION, details: name, metadata };
};

export const streamDeleted = (name: string) =>
  exception('stream-deleted', { 'stream-name': encodeURIComponent(name) });

/** The error for what has no name of its own in the protocol. */
export const refused = (code: status, details: string) => ({ code, details, metadata: new Metadata() });

/** As EventStoreDB answers, without a word where it has none. */
export const serverFault = ({ kind }: ServerFault) => {
  if (kind === 'timeout') return refused(status.DEADLINE_EXCEEDED, '');
  if (kind === 'not-ready') return refused(status.UNAVAILABLE, 'Server Is Not Ready');
  const { metadata } = exception('access-denied', {});
  return { code: status.PERMISSION_DENIED, details: 'Access Denied', metadata };
};
