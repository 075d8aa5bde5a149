import { describe, expect, it } from '@jest/globals';
import { TandemError } from '../../errors/tandem-error.ts';
import type { RecordedEvent, SubscribeFrom } from './event-store.ts';
import { keepSubscribed } from './keep-subscribed.ts';

const broken = new TandemError('store.unavailable', { store: 'SQLite', detail: 'busy' });

/** A store whose subscriptions are ended, and given events, by the test. */
function fixture(from: SubscribeFrom<string> = 'end') {
  const begun: SubscribeFrom<string>[] = [];
  const told: string[] = [];
  let hand: (event: RecordedEvent) => void = () => {};
  let end = (_error: unknown): void => {};
  let asked = Promise.withResolvers<void>();
  const kept = keepSubscribed<string>({
    from,
    subscribe(after, handler) {
      begun.push(after);
      hand = handler;
      const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
      end = reject;
      asked.resolve();
      asked = Promise.withResolvers<void>();
      return { ended, stop: async () => resolve() };
    },
    placeOf: ({ position }) => position,
    take({ position }) {
      if (position === 'bad') throw new Error('not to be taken');
      told.push(`took ${position}`);
    },
    onInterrupted: () => told.push('interrupted'),
    onResumed: () => told.push('resumed'),
    onSetAside: ({ position }) => told.push(`set aside ${position}`),
    wait: async (milliseconds) => told.push(`waits ${milliseconds}`),
  });
  return {
    begun,
    told,
    kept,
    hand: (position: string) => hand({ position } as RecordedEvent),
    /** Ends the subscription; resolves when there is another one. */
    interrupt: (): Promise<void> => {
      const again = asked.promise;
      end(broken);
      return again;
    },
    close: (): void => end(new TandemError('store.closed', { store: 'SQLite' })),
  };
}

describe('a subscription that is kept', () => {
  it('begins again after the last event that was taken', async () => {
    const { begun, told, kept, hand, interrupt } = fixture({ after: '7' });
    hand('8');
    hand('9');
    await interrupt();
    await interrupt();
    hand('10');
    await interrupt();
    expect(begun).toEqual([{ after: '7' }, { after: '9' }, { after: '9' }, { after: '10' }]);
    expect(told).toEqual([
      'took 8',
      'took 9',
      'interrupted',
      'waits 100',
      'resumed',
      'waits 200',
      'resumed',
      'took 10',
      'interrupted',
      'waits 100',
      'resumed',
    ]);
    await kept.stop();
  });

  it('sets aside an event that cannot be taken, and goes on after it', async () => {
    const { begun, told, kept, hand, interrupt } = fixture();
    hand('bad');
    hand('2');
    await interrupt();
    expect(begun).toEqual(['end', { after: '2' }]);
    expect(told.slice(0, 2)).toEqual(['set aside bad', 'took 2']);
    await kept.stop();
  });

  it('waits longer each time, up to half a minute', async () => {
    const { told, kept, interrupt } = fixture();
    for (let i = 0; i < 11; i++) await interrupt();
    const waits = told.flatMap((one) => (one.startsWith('waits ') ? [Number(one.slice(6))] : []));
    expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
    expect(told.filter((one) => one === 'interrupted')).toHaveLength(1);
    await kept.stop();
  });

  it('is over with its store', async () => {
    const { begun, told, kept, close } = fixture();
    close();
    await kept.stop();
    expect([begun, told]).toEqual([['end'], []]);
  });
});
