import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RecordedEvent } from '../event-store/index.ts';
import type { CommitSignal } from './commit-signal.ts';

/** Events after the last one had (the first ones without it), at most `limit`. */
export type NextPage = (last: RecordedEvent | undefined, limit: number) => readonly RecordedEvent[];

// A page is read without giving way, so its size bounds how long other work waits: about 3 ms.
const PAGE = 500;

/** Reads page by page until the limit or the end is reached. */
export async function* readPages(nextPage: NextPage, limit = Number.POSITIVE_INFINITY) {
  let last: RecordedEvent | undefined;
  for (let left = limit; left > 0; ) {
    const size = Math.min(PAGE, left);
    const events = nextPage(last, size);
    yield* events;
    if (events.length < size) return;
    left -= size;
    last = events.at(-1);
    await nextTurn();
  }
}

/**
 * Reads what is there, then what each commit adds, page by page. It holds one page at most, whatever the pace of its reader;
 * nothing is missed or read twice, since live events are read from the file by position as well.
 */
export async function* followPages(
  nextPage: NextPage,
  commits: CommitSignal,
  stream: string | undefined,
  stopped: AbortSignal,
) {
  let last: RecordedEvent | undefined;
  while (!stopped.aborted) {
    const events = nextPage(last, PAGE);
    if (events.length === 0) {
      await commits.next(stream, stopped);
      continue;
    }
    yield events;
    last = events.at(-1);
    if (events.length === PAGE) await nextTurn();
  }
}
