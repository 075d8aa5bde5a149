import type { ExpectedRevision, NewEvent } from '../event-store/index.ts';

/** Looks into a stream for events that an append brings again. */
export interface StoredIds {
  /** Id of the event at a revision. */
  readonly idAt: (revision: number) => string | undefined;
  /** Revision of an event that was appended with the expectation `any`. */
  readonly revisionOf: (id: string) => number | undefined;
}

type Identified = Pick<NewEvent, 'id'>;

export type AppendDecision =
  | { readonly kind: 'append' }
  | { readonly kind: 'already-there'; readonly revision: number }
  | { readonly kind: 'conflict' };

const APPEND: AppendDecision = { kind: 'append' };

const decideAnywhere = (stored: StoredIds, events: readonly Identified[]): AppendDecision => {
  const revisions = events.map((event) => stored.revisionOf(event.id));
  if (revisions.every((revision) => revision === undefined)) return { kind: 'append' };
  const first = revisions[0];
  if (first === undefined || revisions.some((revision, i) => revision !== first + i)) {
    return { kind: 'conflict' };
  }
  return { kind: 'already-there', revision: first + events.length - 1 };
};

/**
 * Whether events are appended, are there already, or clash with what another writer appended. `head` is the
 * revision of the stream's last event, -1 when there is none.
 */
export const decideAppend = (
  head: number,
  expected: ExpectedRevision,
  events: readonly Identified[],
  look: () => StoredIds,
): AppendDecision => {
  if (expected === 'any') return decideAnywhere(look(), events);
  const after = expected === 'no-stream' ? -1 : expected;
  if (after === head) return APPEND;
  const stored = look();
  const last = after + events.length;
  if (last > head || events.some((event, i) => stored.idAt(after + 1 + i) !== event.id)) {
    return { kind: 'conflict' };
  }
  return { kind: 'already-there', revision: last };
};
