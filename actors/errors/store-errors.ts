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
  'store.closed': define<{ store: string }>(
    503,
    (p) => `The ${p.store} event store is closed.`,
    'Stop sending work to a process that is shutting down.',
  ),
  'store.unavailable': define<{ store: string; detail: string }>(
    503,
    (p) => `The ${p.store} event store cannot be used: ${p.detail}`,
    'Check that the store runs, that its address and credentials are right, and that its disk has room.',
  ),
};
