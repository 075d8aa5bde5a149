import { afterEach, describe, expect } from '@jest/globals';
import { findWorker } from '@tandem/media-worker';
import { RelayWorkers } from './relay-workers.ts';
import { needWorker } from './testing/need-worker.ts';

const ignored = (): void => {};
afterEach(() => {
  process.removeListener('SIGTERM', ignored);
});

/** A signal that this process takes, as its own listeners hear it. */
function signal(): void {
  process.on('SIGTERM', ignored);
  process.emit('SIGTERM', 'SIGTERM');
}

const workers = (onLost = (_error: Error) => {}): RelayWorkers =>
  new RelayWorkers({ binary: findWorker()!, count: 1, onLost });

describe('mediasoup’s workers, when this process is told to end', () => {
  needWorker('go on until they are closed', async () => {
    const lost: Error[] = [];
    const relays = workers((error) => lost.push(error));
    const room = await relays.openRoom([]);
    signal();
    expect(room.closed).toBe(false);
    expect(await relays.openRoom([])).toMatchObject({ closed: false });
    await relays.close();
    expect([room.closed, lost]).toEqual([true, []]);
  });

  needWorker('are there, and closed, also when they were being started', async () => {
    const relays = workers();
    const before = processes();
    const opening = relays.openRoom([]);
    // The worker's process is there from then on, and has not said that it runs.
    while (processes() === before) await Promise.resolve();
    signal();
    expect((await opening).closed).toBe(false);
    await relays.close();
  });
});

const processes = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap').length;
