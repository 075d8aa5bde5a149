import { setTimeout } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { readCallHistory, replayCall } from '@tandem/actors/history';
import type { CallContext } from '@tandem/actors/machines/execution';
import { kindOf } from '@tandem/actors/machines/kinds';
import { replay, serializeState, stateName } from '@tandem/actors/runtime';
import type { RecordedEvent } from '@tandem/actors/stores/event-store';
import { createStyle, timelineLines } from '@tandem/cli/views';
import type { Network } from './network.ts';

const byStream = (events: readonly RecordedEvent[]): Map<string, RecordedEvent[]> =>
  Map.groupBy(events, (event) => event.stream);

const lastState = (stream: string, events: readonly RecordedEvent[]) =>
  [...replay(kindOf(stream)!, events)].at(-1)!.after;

/** A network as its history is looked at. */
export type Played = Pick<
  Network,
  'settled' | 'centralEvents' | 'journalEvents' | 'readCentral' | 'liveStates'
>;

/** What became of a call, as its events say. */
export interface EndedCall {
  readonly sid: string;
  readonly state: string;
  readonly reason?: string;
  readonly lastFailure?: { readonly code: string; readonly message: string };
  /** Types of the events that it took. */
  readonly took: readonly string[];
  /** Why each leg ended, by whom it was with. */
  readonly legs: readonly {
    readonly to: string;
    readonly reason?: string;
    readonly status?: number;
    readonly detail?: string;
  }[];
}

/** Every call of the network, oldest first; waits until all of them have ended. */
export async function callsOf(network: Played): Promise<EndedCall[]> {
  await network.settled();
  const streams = byStream(await network.centralEvents());
  return [...streams]
    .filter(([stream]) => stream.startsWith('call-'))
    .map(([stream, events]) => {
      const { value, context } = lastState(stream, events);
      const { end, legs, lastFailure } = context as CallContext;
      return {
        sid: stream.slice('call-'.length),
        state: stateName(value),
        reason: end?.reason,
        lastFailure,
        took: events.map(({ type }) => type),
        legs: Object.values(legs).map(({ to, end: left }) => ({
          to,
          reason: left?.reason,
          ...(left?.status !== undefined && { status: left.status }),
          ...(left?.detail !== undefined && { detail: left.detail }),
        })),
      };
    });
}

/**
 * Replays everything that happened: what the main region holds of the region's streams is what the region
 * journalled, byte for byte, and every actor's rebuilt state is the one that it had when it ran.
 */
export async function expectReplayed(network: Played): Promise<void> {
  await network.settled();
  // Links may begin and end meanwhile, so what the journals hold by now is waited for once more.
  const journal = byStream(await network.journalEvents());
  const central = byStream(await storedWith(network, [...journal.values()].flat()));
  for (const [stream, events] of journal) {
    const shipped = (central.get(stream) ?? []).map(withoutPosition);
    const lasts = /^(?:region|gateway)-/.test(stream);
    expect(lasts ? shipped.slice(0, events.length) : shipped).toEqual(events.map(withoutPosition));
  }
  const live = network.liveStates();
  for (const [stream, state] of Object.entries(live))
    expect([stream, serializeState(lastState(stream, central.get(stream)!))]).toEqual([stream, state]);
}

/** The central store's events, once these are among them. */
async function storedWith(network: Played, events: readonly RecordedEvent[]): Promise<RecordedEvent[]> {
  for (;;) {
    const central = await network.centralEvents();
    const stored = new Set(central.map(({ id }) => id));
    if (events.every(({ id }) => stored.has(id))) return central;
    await setTimeout(20);
  }
}

const withoutPosition = ({ position: _, ...event }: RecordedEvent) => JSON.stringify(event);

/** The calls that there are in the central store. */
export async function callSids(network: Played): Promise<string[]> {
  const streams = new Set((await network.centralEvents()).map(({ stream }) => stream));
  return [...streams].filter((one) => one.startsWith('call-')).map((one) => one.slice('call-'.length));
}

/** What happened in calls, as `tandem` shows it to people. */
export async function historyOf(network: Played, isWanted: (sid: string) => boolean): Promise<string> {
  const sids = (await callSids(network)).filter(isWanted);
  const look = { style: createStyle(false), width: 160 };
  return network.readCentral(async (store) => {
    const lines: string[] = [];
    for (const sid of sids) {
      const history = (await readCallHistory(store, sid))!;
      const start = history.events[0]!.time;
      lines.push(
        sid,
        ...[...replayCall(history)].flatMap((step) => timelineLines(step, start, history, look)),
      );
    }
    return lines.join('\n');
  });
}

/** Every event as it is stored, by stream; positions aside, which are each store's own. */
export type StoredStreams = ReadonlyMap<string, readonly string[]>;

export async function storedStreams(network: Played) {
  const stored = (events: readonly RecordedEvent[]): StoredStreams =>
    new Map([...byStream(events)].map(([stream, own]) => [stream, own.map(withoutPosition)]));
  return { journal: stored(await network.journalEvents()), central: stored(await network.centralEvents()) };
}
