import { TandemError } from '../errors/index.ts';
import type { RecordedEvent } from '../stores/event-store/index.ts';

/** Turns the data of one schema version of an event type into that of the next. */
export type Upcast = (data: never) => unknown;

/**
 * Per event type, the steps from version 1 to 2, 2 to 3 and so on. A type that is not listed has only version 1.
 * Events are never rewritten in the store; they are upcast when they are read.
 */
export type Upcasts = Readonly<Record<string, readonly Upcast[]>>;

interface WithLooseFacts {
  readonly callerName?: string;
  readonly withheld?: string;
  readonly maxForwards?: number;
  readonly headers?: unknown;
}

/** Version 1 had what is carried to whoever is called field by field. */
const gatherFacts = ({ callerName, withheld, maxForwards, headers, ...others }: WithLooseFacts): unknown => ({
  ...others,
  facts: { callerName, withheld, maxForwards, headers },
});

/** The schema changes so far. */
export const upcasts: Upcasts = {
  LegOffered: [gatherFacts],
  LegRequested: [gatherFacts],
  CallReceived: [gatherFacts],
};

/** The schema version under which new events of a type are stored, from 1. */
export const currentVersion = (type: string, steps: Upcasts = upcasts): number =>
  (steps[type]?.length ?? 0) + 1;

/** The event with its data in the current schema version. @throws runtime.unknown-version */
export function upcast(event: RecordedEvent, steps: Upcasts = upcasts): RecordedEvent {
  const known = currentVersion(event.type, steps);
  if (event.version === known) return event;
  if (event.version > known || event.version < 1)
    throw new TandemError('runtime.unknown-version', {
      type: event.type,
      version: event.version,
      known,
      stream: event.stream,
    });
  const data = steps[event.type]!.slice(event.version - 1).reduce<unknown>(
    (older, step) => step(older as never),
    event.data,
  );
  return { ...event, version: known, data };
}
