import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { untilStopped } from './until-stopped.ts';

describe('untilStopped', () => {
  it('closes once at the first signal and is done when the closing is', async () => {
    const source = new EventEmitter();
    const closing = Promise.withResolvers<void>();
    const seen: string[] = [];
    const stopped = untilStopped(
      () => {
        seen.push('close');
        return closing.promise;
      },
      { source, onSignal: (signal) => seen.push(signal) },
    );
    source.emit('SIGTERM', 'SIGTERM');
    expect(seen).toEqual(['SIGTERM', 'close']);
    closing.resolve();
    await stopped;
    expect(source.listenerCount('SIGTERM') + source.listenerCount('SIGINT')).toBe(0);
  });

  it.each([
    ['SIGTERM', 'to-restart'],
    ['SIGINT', 'for-good'],
  ])('says of %s that it is %s', async (signal, meant) => {
    const source = new EventEmitter();
    const told: string[] = [];
    const stopped = untilStopped(
      async (stop) => {
        told.push(stop);
      },
      { source },
    );
    source.emit(signal, signal);
    await stopped;
    expect(told).toEqual([meant]);
  });

  it('ends the process at the second signal', () => {
    const source = new EventEmitter();
    const statuses: number[] = [];
    untilStopped(() => new Promise(() => {}), { source, exit: (status) => statuses.push(status) });
    source.emit('SIGINT', 'SIGINT');
    expect(statuses).toEqual([]);
    source.emit('SIGTERM', 'SIGTERM');
    expect(statuses).toEqual([143]);
  });

  it('passes on what the closing failed with', async () => {
    const source = new EventEmitter();
    const stopped = untilStopped(() => Promise.reject(new Error('disk full')), { source });
    source.emit('SIGINT', 'SIGINT');
    await expect(stopped).rejects.toThrow('disk full');
  });
});
