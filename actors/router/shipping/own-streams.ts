import type { Messages } from '@tandem/proto/generated/events.ts';
import { isTandemError, TandemError } from '../../errors/index.ts';
import { currentVersion, derivedUuid } from '../../events/index.ts';
import type {
  Appended,
  AppendOptions,
  EventStore,
  NewEvent,
  RecordedEvent,
} from '../../stores/event-store/index.ts';

/** From a revision of the gateway's journal on, the store's revisions are so many more. */
interface Part {
  readonly from: number;
  readonly offset: number;
}

const WHOLE: readonly Part[] = [{ from: 0, offset: 0 }];

/**
 * The streams of gateways and regions themselves, in the store. They outlive a journal: when a disk was lost, or an older
 * copy of it is in its place, the gateway begins its stream anew, or goes on from an earlier place. Then
 * `JournalReplaced` is stored, and what the gateway ships from there on comes after it. Where in the stream that was is
 * in the stream itself, for this process and any other.
 */
export class OwnStreams {
  readonly #store: EventStore;
  readonly #onReplaced: (error: TandemError<'link.journal-conflict'>) => void;
  readonly #parts = new Map<string, readonly Part[]>();

  constructor(store: EventStore, onReplaced: (error: TandemError<'link.journal-conflict'>) => void) {
    this.#store = store;
    this.#onReplaced = onReplaced;
  }

  /** Appends events to where they are to be as far as is known; the store may refuse that. */
  append(stream: string, events: readonly RecordedEvent[], options?: AppendOptions): Promise<Appended> {
    const at = this.#place(stream, events[0]!.revision);
    return this.#store.append(stream, at === 0 ? 'no-stream' : at - 1, events, options);
  }

  /** Stores what is not there yet. @throws link.events-missing, store.* */
  async store(stream: string, events: readonly RecordedEvent[]): Promise<void> {
    for (;;) {
      await this.#read(stream);
      const { head, ids } = await this.#stored(stream, events);
      const place = ({ revision }: RecordedEvent): number => this.#place(stream, revision);
      const missing = events.filter((event) => ids.get(place(event)) !== event.id);
      const first = missing[0];
      if (!first) return;
      if (place(first) > head + 1)
        throw new TandemError('link.events-missing', { stream, stored: head, shipped: first.revision });
      try {
        if (place(first) <= head) await this.#replace(stream, head, first, ids.get(place(first))!);
        else await this.append(stream, missing);
      } catch (error) {
        // Another router stores the same.
        if (!isTandemError(error, 'store.wrong-revision')) throw error;
      }
    }
  }

  #place(stream: string, revision: number): number {
    const parts = this.#parts.get(stream) ?? WHOLE;
    return revision + parts.findLast(({ from }) => from <= revision)!.offset;
  }

  /** Where the stream goes on with another journal; most never do. */
  async #read(stream: string): Promise<void> {
    const parts = [...WHOLE];
    for await (const { type, data, revision } of this.#store.readStream(stream))
      if (type === 'JournalReplaced') parts.push(partAfter(revision, data as Messages['JournalReplaced']));
    this.#parts.set(stream, parts);
  }

  async #stored(stream: string, events: readonly RecordedEvent[]) {
    const from = Math.min(...events.map(({ revision }) => this.#place(stream, revision)));
    const ids = new Map<number, string>();
    let head = -1;
    for await (const { revision } of this.#store.readStream(stream, { direction: 'backwards', limit: 1 }))
      head = revision;
    for await (const { id, revision } of this.#store.readStream(stream, { from })) ids.set(revision, id);
    return { head, ids };
  }

  async #replace(stream: string, head: number, first: RecordedEvent, stored: string): Promise<void> {
    const { id, revision, time, region } = first;
    const data: Messages['JournalReplaced'] = { revision, stored, shipped: id };
    const event: NewEvent = {
      id: derivedUuid(id, `replaces ${stored}`),
      type: 'JournalReplaced',
      version: currentVersion('JournalReplaced'),
      time,
      region,
      cause: '',
      correlation: '',
      data,
    };
    await this.#store.append(stream, head, [event]);
    this.#onReplaced(new TandemError('link.journal-conflict', { stream, revision, stored, shipped: id }));
  }
}

const partAfter = (at: number, { revision }: Messages['JournalReplaced']): Part => ({
  from: revision,
  offset: at + 1 - revision,
});
