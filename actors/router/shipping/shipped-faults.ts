import type { TandemError } from '../../errors/index.ts';
import type { RecordedEvent } from '../../stores/event-store/index.ts';

/** Streams of which it is said that something of them was not taken; a region that ships nonsense fills no log. */
const SAID = 1000;

/** What gateways shipped and was not taken: counted, and said once for each stream and kind of fault. */
export class ShippedFaults {
  readonly #say: (error: TandemError, stream: string) => void;
  readonly #said = new Set<string>();
  #count = 0;

  constructor(say: (error: TandemError, stream: string) => void) {
    this.#say = say;
  }

  get count(): number {
    return this.#count;
  }

  note(error: TandemError, { stream }: Pick<RecordedEvent, 'stream'>): void {
    this.#count += 1;
    const key = `${error.code} ${stream}`;
    if (this.#said.size >= SAID || this.#said.has(key)) return;
    this.#said.add(key);
    this.#say(error, stream);
  }
}
