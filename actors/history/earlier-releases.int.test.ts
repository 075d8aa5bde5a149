import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import type { RecordedEvent } from '../stores/event-store/event-store.ts';
import { openSqliteEventStore } from '../stores/sqlite/sqlite-event-store.ts';
import { readCallHistory, replayCall } from './call-history.ts';

interface Recording {
  readonly callSid: string;
  readonly events: readonly Omit<RecordedEvent, 'position'>[];
  /** What the release that recorded it said of each event: `callee: AnswerReceived: inviting → connected`. */
  readonly steps: readonly string[];
}

const folder = new URL('./fixtures/', import.meta.url);

it.each(readdirSync(folder))(
  'a call that an earlier release recorded is replayed as it was: %s',
  async (file) => {
    const recording: Recording = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
    await using opened = new AsyncDisposableStack();
    const store = openSqliteEventStore({ file: ':memory:' });
    opened.defer(() => store.close());
    for (const { stream, revision, ...event } of recording.events)
      await store.append(stream, revision === 0 ? 'no-stream' : revision - 1, [event]);
    const history = (await readCallHistory(store, recording.callSid))!;
    // What is stored is not touched.
    expect(history.events.map(({ position: _, ...event }) => event)).toEqual(recording.events);
    const steps = [...replayCall(history)].map(
      ({ participant, event, from, to, taken }) =>
        `${participant.name}: ${event.type}: ${from} → ${to}${taken ? '' : ' (not taken)'}`,
    );
    expect(steps).toEqual(recording.steps);
  },
);
