import { expect } from '@jest/globals';
import type { CallContext } from '@tandem/actors/machines/call/call-context.ts';
import { kindOf } from '@tandem/actors/machines/kinds.ts';
import { serializeState, stateName } from '@tandem/actors/runtime/behaviour.ts';
import { replay } from '@tandem/actors/runtime/rebuild.ts';
import type { RecordedEvent } from '@tandem/actors/stores/event-store.ts';
import type { Network } from './network.ts';

const byStream = (events: readonly RecordedEvent[]): Map<string, RecordedEvent[]> =>
  Map.groupBy(events, (event) => event.stream);

const lastState = (stream: string, events: readonly RecordedEvent[]) =>
  [...replay(kindOf(stream)!, events)].at(-1)!.after;

/** Every call of the network as its events say it ended, oldest first; waits until all of them have. */
export async function callsOf(network: Network) {
  await network.settled();
  const streams = byStream(await network.centralEvents());
  return [...streams]
    .filter(([stream]) => stream.startsWith('call-'))
    .map(([stream, events]) => {
      const { value, context } = lastState(stream, events);
      const { end, legs, lastFailure } = context as CallContext;
      return {
        ...{ sid: stream.slice('call-'.length), state: stateName(value), reason: end?.reason, lastFailure },
        legs: Object.keys(legs).length,
      };
    });
}

/**
 * Replays everything that happened: what the main region holds of the region's streams is what the region
 * journalled, byte for byte, and every actor's rebuilt state is the one that it had when it ran.
 */
export async function expectReplayed(network: Network): Promise<void> {
  await network.settled();
  const [central, journal] = [
    byStream(await network.centralEvents()),
    byStream(await network.journalEvents()),
  ];
  for (const [stream, events] of journal) {
    const shipped = central.get(stream) ?? [];
    expect(shipped.map(withoutPosition)).toEqual(events.map(withoutPosition));
  }
  const live = network.liveStates();
  for (const [stream, state] of Object.entries(live))
    expect([stream, serializeState(lastState(stream, central.get(stream)!))]).toEqual([stream, state]);
}

const withoutPosition = ({ position: _, ...event }: RecordedEvent) => JSON.stringify(event);
