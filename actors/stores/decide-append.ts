import type { ExpectedRevision, NewEvent } from './event-store.ts';

/** What a stream holds, as far as an append needs to know it. */
export interface StreamView {
  /** Revision of the last event, -1 when there is none. */
  readonly head: number;
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

const decideAnywhere = (view: StreamView, events: readonly Identified[]): AppendDecision => {
  const revisions = events.map((event) => view.revisionOf(event.id));
  if (revisions.every((revision) => revision === undefined)) return { kind: 'append' };
  const first = revisions[0];
  if (first === undefined || revisions.some((revision, i) => revision !== first + i)) {
    return { kind: 'conflict' };
  }
  return { kind: 'already-there', revision: first + events.length - 1 };
};

/** Whether events are appended, are there already, or clash with what another writer appended. */
export const decideAppend = (
  view: StreamView,
  expected: ExpectedRevision,
  events: readonly Identified[],
): AppendDecision => {
  if (expected === 'any') return decideAnywhere(view, events);
  const after = expected === 'no-stream' ? -1 : expected;
  if (after === view.head) return { kind: 'append' };
  const last = after + events.length;
  if (last > view.head || events.some((event, i) => view.idAt(after + 1 + i) !== event.id))
    return { kind: 'conflict' };
  return { kind: 'already-there', revision: last };
};
