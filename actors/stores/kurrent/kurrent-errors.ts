import {
  AccessDeniedError,
  CancelledError,
  DeadlineExceededError,
  MaxAppendSizeExceededError,
  NotLeaderError,
  StreamDeletedError,
  TimeoutError,
  UnavailableError,
  UnknownError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { status } from '@grpc/grpc-js';
import { isTandemError, TandemError } from '../../errors/index.ts';
import type { ExpectedRevision } from '../event-store/index.ts';

/** What was asked of the server when it answered with an error. */
export interface KurrentRequest {
  /** Hosts and ports, without credentials. */
  readonly address: string;
  readonly stream?: string;
  readonly expected?: ExpectedRevision;
}

export const kurrentUnavailable = (address: string, detail: string, cause?: unknown): TandemError =>
  new TandemError('store.unavailable', { store: 'Kurrent', detail: `${address}: ${detail}` }, { cause });

/** The error of the registry for one of the client library. */
export const asStoreError = (error: unknown, request: KurrentRequest): TandemError => {
  const { address, stream = '$all', expected = 'any' } = request;
  if (error instanceof TandemError) return error;
  if (error instanceof WrongExpectedVersionError) {
    const revision = Number(error.actualVersion);
    const actual = Number.isNaN(revision) || revision < 0 ? 'no-stream' : revision;
    return new TandemError('store.wrong-revision', { stream, expected, actual }, { cause: error });
  }
  if (error instanceof StreamDeletedError) {
    return new TandemError('store.stream-deleted', { stream }, { cause: error });
  }
  if (error instanceof MaxAppendSizeExceededError) {
    const detail = `it is larger than the ${error.maxAppendSize} bytes that the server takes`;
    return new TandemError('store.invalid-append', { stream, detail }, { cause: error });
  }
  if (error instanceof AccessDeniedError || codeOf(error) === status.PERMISSION_DENIED)
    return new TandemError('store.access-denied', { address, ...missingRight(request) }, { cause: error });
  // So it answers to a message of which it does not even read the end.
  if (codeOf(error) === status.RESOURCE_EXHAUSTED && request.stream !== undefined) {
    const detail = `it is larger than a message to ${address} may be`;
    return new TandemError('store.invalid-append', { stream, detail }, { cause: error });
  }
  return kurrentUnavailable(address, saying(error), error);
};

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;

/** What an error says, or what it is: those of a batched append have no text. */
const saying = (error: unknown): string =>
  error instanceof Error ? error.message || error.constructor.name : String(error);

/** Which right is missing, and how it is granted over the server's HTTP interface. */
const missingRight = ({ stream, expected }: KurrentRequest): { right: string; grant: string } => {
  const name = stream ?? '$all';
  const [right, key] = expected === undefined ? [`read ${name}`, '$r'] : [`write to ${name}`, '$w'];
  const path = `/streams/${encodeURIComponent(name)}/metadata`;
  return { right, grant: `POST ${path} of {"$acl":{"${key}":["GROUP","$admins"]}}` };
};

/** Whether no member of a cluster could be found; the client library has no error class of its own for it. */
export const isDiscoveryFailure = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('Failed to discover');

/** A node that is between two states has no error of its own in the protocol. */
const NOT_READY = /not ready/i;

/**
 * Whether an append that failed may be made again under its ids: the server did not answer in time, or has no leader now.
 * What it refuses has an error class of its own.
 */
export const mayBeTriedAgain = (error: unknown): boolean =>
  isConnectionLoss(error) ||
  isTandemError(error, 'store.unavailable') ||
  (error instanceof UnknownError && (error.message === '' || NOT_READY.test(error.message)));

/** Whether the connection was lost rather than the request refused, so that it may be made again. */
export const isConnectionLoss = (error: unknown): boolean =>
  isDiscoveryFailure(error) ||
  // So the library leaves what it asks on a new connection before anything else: what the server can do.
  codeOf(error) === status.UNAVAILABLE ||
  (error instanceof DOMException && error.name === 'TimeoutError') ||
  error instanceof UnavailableError ||
  error instanceof CancelledError ||
  error instanceof NotLeaderError ||
  error instanceof TimeoutError ||
  error instanceof DeadlineExceededError;
