/** The revision that a stream is expected to have, or what is to be true of it instead. */
export type Expected = bigint | 'any' | 'no-stream' | 'stream-exists';

/** An event as the protocol carries it. */
export interface Proposed {
  readonly id: string;
  /** The protocol's own fields: `type`, `content-type`. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly custom: Uint8Array;
  readonly data: Uint8Array;
}

export interface LogRecord extends Proposed {
  readonly stream: string;
  readonly revision: bigint;
  /** Commit and prepare position; they are alike for events that no transaction spans. */
  readonly position: bigint;
  /** Milliseconds since the Unix epoch. */
  readonly created: number;
}

export type WriteResult =
  | { readonly kind: 'written'; readonly revision: bigint; readonly position: bigint }
  | { readonly kind: 'wrong-expected-version'; readonly current: bigint | undefined }
  | { readonly kind: 'stream-deleted' };

/** What is read: of one stream by revision, or of all by position. */
export interface ReadQuery {
  readonly stream: string | undefined;
  readonly direction: 'forwards' | 'backwards';
  /** Where it begins; forwards, and backwards in a stream, the event there is the first that is read. */
  readonly from: bigint | 'start' | 'end';
  readonly limit: number;
}

/** What is followed: everything after a place. */
export interface FollowQuery {
  readonly stream: string | undefined;
  readonly after: bigint | 'start' | 'end';
}

export interface Following {
  /** Resolves when it was stopped, rejects with what ended it. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * What a store server serves. What is asked of a stream that was deleted throws `store.stream-deleted`; what cannot be
 * stored, `store.invalid-append`.
 */
export interface ServedLog {
  append(stream: string, expected: Expected, events: readonly Proposed[]): Promise<WriteResult>;
  /** Deletes a stream for good. */
  tombstone(stream: string, expected: Expected): Promise<WriteResult>;
  read(query: ReadQuery): AsyncIterable<LogRecord>;
  /** Whether a stream has events. */
  exists(stream: string): Promise<boolean>;
  /** The next event waits until the handler has taken the one before. `caughtUp` is told when all are live from there. */
  follow(
    query: FollowQuery,
    handler: (record: LogRecord) => Promise<void>,
    caughtUp: () => Promise<void>,
  ): Following;
}

/** What a server answers for a reason that is not of the request's. */
export class ServerFault extends Error {
  /** Nothing was answered in time; there is no leader now; the caller has no right to that. */
  readonly kind: 'timeout' | 'not-ready' | 'access-denied';

  constructor(kind: ServerFault['kind']) {
    super(kind);
    this.kind = kind;
  }
}

/** A node of a cluster, as its gossip names it. */
export interface ClusterMember {
  readonly host: string;
  readonly port: number;
  readonly state: 'leader' | 'follower';
  readonly isAlive: boolean;
}
