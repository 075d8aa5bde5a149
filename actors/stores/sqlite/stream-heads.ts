/** What is known of a stream without reading it. */
export interface StreamHead {
  /** The store's own number for the stream. */
  readonly key: number;
  /** Revision of the last event, -1 when there is none. */
  revision: number;
  deleted: boolean;
}

/** The heads of the streams used last: at most `capacity`, so that memory stays bounded. */
export interface StreamHeads {
  get(stream: string): StreamHead | undefined;
  set(stream: string, head: StreamHead): void;
  clear(): void;
}

/**
 * Two generations instead of a list by last use, since a hit in the young one then costs a single look-up:
 * when that is full it becomes the old one, and what was not asked for since is forgotten.
 */
export const createStreamHeads = (capacity: number): StreamHeads => {
  let young = new Map<string, StreamHead>();
  let old = new Map<string, StreamHead>();

  const set = (stream: string, head: StreamHead): void => {
    if (young.size >= capacity / 2) {
      old = young;
      young = new Map();
    }
    young.set(stream, head);
  };

  return {
    get: (stream) => {
      const head = young.get(stream);
      if (head !== undefined) return head;
      const aged = old.get(stream);
      if (aged !== undefined) set(stream, aged);
      return aged;
    },
    set,
    clear: () => {
      young = new Map();
      old = new Map();
    },
  };
};
