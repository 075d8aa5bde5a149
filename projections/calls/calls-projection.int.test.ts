import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DEMO_ACCOUNT, recordCall } from '@tandem/actors/history/testing/recorded-call.ts';
import type { RecordedEvent } from '@tandem/actors/stores/event-store';
import { openFixture, type ReadModelFixture } from '../testing/read-model.ts';
import { callsProjection } from './calls-projection.ts';
import { projectCalls } from './project-call.ts';

let fixture: ReadModelFixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.close());

const recorded = async (): Promise<RecordedEvent[]> => {
  const call = await recordCall(fixture.store, { name: 'one', until: 'ended' });
  await call.close();
  return Array.fromAsync(fixture.store.readAll());
};

/** What is in the table when it is written after each event, as by a projector that has nothing else to do. */
const written = (events: readonly RecordedEvent[]) => {
  const projection = callsProjection(fixture.calls.database);
  for (const event of events) {
    projection.apply(event);
    projection.write();
  }
  return fixture.reader.list(DEMO_ACCOUNT, {}, 100).calls;
};

const bySid = (one: { sid: string }, other: { sid: string }) => (one.sid < other.sid ? -1 : 1);

describe('the table of calls', () => {
  it('holds after many small changes what the events say', async () => {
    const events = await recorded();
    const rows = projectCalls(events);
    expect(rows).toHaveLength(2);
    expect(written(events).toSorted(bySid)).toEqual(rows.toSorted(bySid));
  });

  it('holds what a leg says of itself after its call has spoken of it', async () => {
    const events = await recorded();
    const isLeg = ({ stream }: RecordedEvent) => stream.startsWith('leg-');
    const late = [...events.filter((event) => !isLeg(event)), ...events.filter(isLeg)];
    expect(written(late).toSorted(bySid)).toEqual(projectCalls(late).toSorted(bySid));
  });
});
