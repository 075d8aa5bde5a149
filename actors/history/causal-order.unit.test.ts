import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { RecordedEvent } from '../stores/event-store/event-store.ts';
import { causalOrder } from './causal-order.ts';

const event = (stream: string, revision: number, time: number, cause = ''): RecordedEvent => ({
  stream,
  revision,
  time,
  cause,
  id: `${stream}/${revision}`,
  type: 'TimerRang',
  version: 1,
  region: '',
  correlation: '',
  position: '',
  data: {},
});
const ids = (events: readonly RecordedEvent[]): string[] => events.map(({ id }) => id);

describe('the order of a history', () => {
  it('is that of time', () => {
    const call = [event('call', 0, 10), event('call', 1, 40)];
    const leg = [event('leg', 0, 20), event('leg', 1, 30)];
    expect(ids(causalOrder([call, leg]))).toEqual(['call/0', 'leg/0', 'leg/1', 'call/1']);
  });

  it('keeps a stream’s own order when its clock went back', () => {
    const call = [event('call', 0, 50), event('call', 1, 10)];
    expect(ids(causalOrder([call, [event('leg', 0, 20)]]))).toEqual(['leg/0', 'call/0', 'call/1']);
  });

  it('puts a cause before what it caused, though the other clock is behind', () => {
    const call = [event('call', 0, 100), event('call', 1, 110, 'leg/0')];
    const leg = [event('leg', 0, 500, 'call/0'), event('leg', 1, 510)];
    expect(ids(causalOrder([call, leg]))).toEqual(['call/0', 'leg/0', 'call/1', 'leg/1']);
  });

  it('does not wait for a cause that is not in the history', () => {
    expect(ids(causalOrder([[event('call', 0, 1, 'a command')]]))).toEqual(['call/0']);
  });

  it('leaves nothing out when causes go in a circle', () => {
    const call = [event('call', 0, 2, 'leg/0')];
    const leg = [event('leg', 0, 1, 'call/0')];
    expect(ids(causalOrder([call, leg]))).toEqual(['leg/0', 'call/0']);
  });

  it('holds every event once, streams in order and causes first, whatever the clocks', () => {
    const arbitrary = fc.array(
      fc.record({ stream: fc.nat(3), time: fc.nat(50), cause: fc.option(fc.nat(30)) }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(arbitrary, (drawn) => {
        const streams: RecordedEvent[][] = [[], [], [], []];
        const all: RecordedEvent[] = [];
        for (const { stream, time, cause } of drawn) {
          const own = streams[stream]!;
          const one = event(`s${stream}`, own.length, time, all[cause ?? -1]?.id);
          own.push(one);
          all.push(one);
        }
        const ordered = causalOrder(streams);
        expect(ids(ordered).toSorted()).toEqual(ids(all).toSorted());
        const seen = new Set<string>();
        for (const { id, stream, revision, cause } of ordered) {
          if (revision > 0) expect(seen).toContain(`${stream}/${revision - 1}`);
          if (cause !== '') expect(seen).toContain(cause);
          seen.add(id);
        }
      }),
    );
  });
});
