import { define } from './define.ts';

export const storeErrors = {
  'store.wrong-revision': define<{ stream: string; expected: number | string; actual: number | string }>(
    409,
    (p) => `Stream ${p.stream} is at revision ${p.actual}, not at the expected ${p.expected}.`,
    'Read the stream again and decide anew; another writer was there first.',
  ),
  'store.stream-deleted': define<{ stream: string }>(
    410,
    (p) => `Stream ${p.stream} was deleted.`,
    'Use a new stream name; a deleted stream takes no more events.',
  ),
  'store.invalid-append': define<{ stream: string; detail: string }>(
    400,
    (p) => `An append to stream "${p.stream}" is not valid: ${p.detail}.`,
    'Correct the events before they are given to the store; nothing of the append was stored.',
  ),
  'store.not-preceded': define(
    409,
    () => 'Events were not stored, because others that they follow from were not.',
    'Look at why those were not stored, and decide anew.',
  ),
  'store.invalid-position': define<{ position: string }>(
    400,
    (p) => `"${p.position}" is not a position of this event store.`,
    'Give back a position exactly as this store gave it; those of another store do not fit.',
  ),
  'store.invalid-url': define<{ url: string }>(
    400,
    (p) => `"${p.url}" does not name an event store.`,
    'Write sqlite:/path/to/file.db, esdb://host:2113 or kurrentdb://host:2113.',
  ),
  'store.read-only': define<{ store: string }>(
    403,
    (p) => `The ${p.store} event store was opened to be read only.`,
    'Append, delete and subscribe in the process that owns the store.',
  ),
  'store.closed': define<{ store: string }>(
    503,
    (p) => `The ${p.store} event store is closed.`,
    'Stop sending work to a process that is shutting down.',
  ),
  'store.unavailable': define<{ store: string; detail: string }>(
    503,
    (p) => `The ${p.store} event store cannot be used: ${p.detail}.`,
    'Check that the store runs, that its address and credentials are right, and that its disk has room.',
  ),
  'store.in-use': define<{ file: string }>(
    503,
    (p) => `${p.file} is open to write in another process, or was opened here before.`,
    'Stop what has it open. Processes that are to share a file have `tandem store` open it, and name that as their store.',
  ),
  'store.access-denied': define<{ address: string; right: string; grant: string }>(
    403,
    (p) =>
      `The event store at ${p.address} does not let its user ${p.right}. An administrator grants that with: ${p.grant}`,
    'Put a group of the user in place of GROUP; docs/eventstore.md has the whole call and all rights that are needed.',
  ),
  'store.unreadable-file': define<{ option: string; file: string; detail: string }>(
    400,
    (p) =>
      `The file ${p.file}, which ${p.option} of the event store's address names, cannot be read: ${p.detail}.`,
    'Correct the path, which is relative to where the process was started, or let its user read the file.',
  ),
  'store.listen-failed': define<{ address: string; detail: string }>(
    500,
    (p) => `The store server cannot listen on ${p.address}: ${p.detail}.`,
    'Choose a loopback address of this machine, such as 127.0.0.1, and a port that is free.',
  ),
};
