import type { Checkpoints, EventStore, Position } from '../stores/event-store/index.ts';
import { positionWithin } from '../stores/event-store/index.ts';

interface Saved {
  readonly position?: Position;
  readonly streams: readonly string[];
}

/**
 * The streams whose actors are not at their end, so that a restarted process finds them. What is saved may be
 * old: the store's own order of events says what happened since.
 */
export class LiveStreams {
  readonly #name: string;
  readonly #store: EventStore;
  readonly #checkpoints: Checkpoints;
  readonly #mine: (stream: string) => boolean;
  readonly #shared: boolean;
  readonly #live = new Set<string>();
  /** Where the store ended at the last checkpoint. */
  #lastEnd: Position | undefined;

  /** `shared`: a store that others write, too, is not read from its start for streams that might be ours. */
  constructor(
    name: string,
    store: EventStore,
    checkpoints: Checkpoints,
    mine: (stream: string) => boolean,
    shared = false,
  ) {
    this.#name = `live-streams ${name}`;
    this.#store = store;
    this.#checkpoints = checkpoints;
    this.#mine = mine;
    this.#shared = shared;
  }

  add(stream: string): void {
    this.#live.add(stream);
  }

  delete(stream: string): void {
    this.#live.delete(stream);
  }

  has(stream: string): boolean {
    return this.#live.has(stream);
  }

  list(): string[] {
    return [...this.#live];
  }

  get size(): number {
    return this.#live.size;
  }

  /** Every stream of ours that may have a live actor. Some may have ended; none that lives is missing. */
  async find(): Promise<string[]> {
    const saved = await this.#checkpoints.load(this.#name);
    if (!saved && this.#shared) return [];
    const { position, streams } = await this.#usable(saved);
    for (const stream of streams) this.add(stream);
    for await (const event of this.#store.readAll({ after: position }))
      if (this.#mine(event.stream)) this.add(event.stream);
    return [...this.#live];
  }

  /** What was saved, unless it is of another store than this one is now. */
  async #usable(saved: string | undefined): Promise<Saved> {
    if (!saved) return { streams: [] };
    const found = JSON.parse(saved) as Saved;
    if (this.#shared || found.position === undefined) return found;
    return (await positionWithin(this.#store, found.position)) === undefined ? { streams: [] } : found;
  }

  /** Saves what is live when nothing happens any more, so that the next start has nothing to read. */
  async save(): Promise<void> {
    await this.#save(await this.#end());
  }

  /**
   * Saves what is live while things happen, to be called now and then. An event may be in the store before its
   * actor is known to be live here, so the position that goes with it is the one of the call before.
   */
  async checkpoint(): Promise<void> {
    const end = await this.#end();
    if (this.#lastEnd !== undefined) await this.#save(this.#lastEnd);
    this.#lastEnd = end;
  }

  async #save(position: Position | undefined): Promise<void> {
    await this.#checkpoints.save(this.#name, JSON.stringify({ position, streams: [...this.#live] }));
  }

  async #end(): Promise<Position | undefined> {
    for await (const { position } of this.#store.readAll({ direction: 'backwards', limit: 1 }))
      return position;
    return undefined;
  }
}
