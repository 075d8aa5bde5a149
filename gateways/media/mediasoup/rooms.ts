import type { types } from 'mediasoup';
import type { Format } from '../plane/index.ts';
import { roomCodecs } from './formats.ts';
import type { RelayWorkers } from './relay-workers.ts';

/** A share in a media room; the room is closed with the last one. */
export interface Room {
  readonly router: types.Router;
  leave(): void;
}

interface Open {
  readonly router: Promise<types.Router>;
  members: number;
}

/** Media rooms by name: what is in one room can be joined there. */
export class Rooms {
  readonly #workers: RelayWorkers;
  readonly #open = new Map<string, Open>();

  constructor(workers: RelayWorkers) {
    this.#workers = workers;
  }

  /**
   * @param name of its own each time when there is none
   * @throws media.no-worker, media.closed
   */
  async enter(format: Format, name?: string): Promise<Room> {
    // Sound of another codec could not be passed on as it is.
    const key = name === undefined ? undefined : `${format.codec} ${name}`;
    const known = key === undefined ? undefined : this.#open.get(key);
    const room = known ?? { router: this.#workers.openRoom(roomCodecs(format)), members: 0 };
    if (key !== undefined) this.#open.set(key, room);
    room.members += 1;
    const leave = () => {
      room.members -= 1;
      if (room.members > 0) return;
      if (key !== undefined && this.#open.get(key) === room) this.#open.delete(key);
      void room.router.then((router) => router.close()).catch(() => {});
    };
    try {
      const router = await room.router;
      router.observer.once('close', () => {
        if (key !== undefined && this.#open.get(key) === room) this.#open.delete(key);
      });
      return { router, leave };
    } catch (error) {
      leave();
      throw error;
    }
  }
}
