import { TandemError } from '@tandem/actors/errors';
import type { types } from 'mediasoup';

export interface RelayWorkersOptions {
  /** mediasoup's worker program. */
  readonly binary: string;
  /** How many of it run at the most. */
  readonly count: number;
  /** One ended though nobody told it to; its rooms are closed by then, and the next room starts it anew. */
  readonly onLost: (error: TandemError) => void;
}

interface Slot {
  readonly worker: Promise<types.Worker>;
  rooms: number;
}

/** mediasoup's worker processes. Each starts when it is first needed, and again after it was lost. */
export class RelayWorkers {
  readonly #options: RelayWorkersOptions;
  readonly #slots: (Slot | undefined)[];
  #closed = false;

  constructor(options: RelayWorkersOptions) {
    this.#options = options;
    this.#slots = Array.from({ length: options.count }, () => undefined);
  }

  /**
   * A new media room, in the worker with the fewest. Whoever opened it closes it.
   *
   * @throws media.no-worker, media.closed
   */
  async openRoom(mediaCodecs: types.RouterRtpCodecCapability[]): Promise<types.Router> {
    if (this.#closed) throw new TandemError('media.closed', {});
    const slot = this.#leastLoaded();
    slot.rooms += 1;
    try {
      const router = await (await slot.worker).createRouter({ mediaCodecs });
      router.observer.once('close', () => {
        slot.rooms -= 1;
      });
      return router;
    } catch (error) {
      slot.rooms -= 1;
      throw this.#closed ? new TandemError('media.closed', {}) : error;
    }
  }

  /** Ends the processes, and so all rooms. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(
      this.#slots.map(async (slot) => {
        const worker = await slot?.worker.catch(() => undefined);
        if (worker === undefined || worker.closed) return;
        const ended = new Promise<void>((resolve) => worker.once('subprocessclose', resolve));
        worker.close();
        await ended;
      }),
    );
  }

  #leastLoaded(): Slot {
    let best = -1;
    for (const [index, slot] of this.#slots.entries()) {
      const rooms = slot?.rooms ?? 0;
      if (best < 0 || rooms < (this.#slots[best]?.rooms ?? 0)) best = index;
    }
    const slot = this.#slots[best] ?? this.#start(best);
    this.#slots[best] = slot;
    return slot;
  }

  #start(index: number): Slot {
    const slot: Slot = { worker: this.#spawn(() => this.#forget(index, slot)), rooms: 0 };
    slot.worker.catch(() => this.#forget(index, slot));
    return slot;
  }

  #forget(index: number, slot: Slot): void {
    if (this.#slots[index] === slot) this.#slots[index] = undefined;
  }

  async #spawn(forget: () => void): Promise<types.Worker> {
    const { binary, onLost } = this.#options;
    // Loaded here, since most of what runs without a worker has no use for it.
    const { createWorker } = await import('mediasoup');
    const worker = await unsignalled(() => createWorker({ workerBin: binary, logLevel: 'error' })).catch(
      (error) => {
        throw new TandemError('media.no-worker', {
          what: 'A media room',
          detail: `${binary} did not start: ${error}`,
        });
      },
    );
    worker.on('died', (error) => {
      forget();
      onLost(new TandemError('media.relay-lost', { detail: String(error) }));
    });
    return worker;
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Starts a worker that does not end by itself when this process is told to end: mediasoup closes its workers at such a
 * signal, so that calls which go on for a while would be silent at once, and a worker that is just being started then
 * never says that it was or was not. Whoever has the workers closes them, when it is their turn.
 */
function unsignalled<T>(start: () => Promise<T>): Promise<T> {
  const before = SIGNALS.map((signal) => new Set(process.listeners(signal)));
  const starting = start();
  SIGNALS.forEach((signal, i) => {
    for (const listener of process.listeners(signal))
      if (!before[i]!.has(listener)) process.removeListener(signal, listener);
  });
  return starting;
}
