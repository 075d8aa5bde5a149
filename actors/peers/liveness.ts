import { limits } from './limits.ts';

export interface Liveness {
  /** The peer said something. */
  heard(): void;
  stop(): void;
}

/**
 * Pings a peer every `interval` milliseconds and tells once when nothing came from it for three intervals.
 *
 * It counts ticks and not time: a process that was itself held up for long gets to read what came meanwhile
 * before it takes its peer for lost.
 */
export function watchPeer(interval: number, ping: () => void, silent: () => void): Liveness {
  let quietTicks = 0;
  const timer = setInterval(() => {
    quietTicks += 1;
    if (quietTicks <= limits.silentIntervals) return ping();
    clearInterval(timer);
    silent();
  }, interval);
  return {
    heard() {
      quietTicks = 0;
    },
    stop: () => clearInterval(timer),
  };
}
