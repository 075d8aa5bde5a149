import type { Alarm } from './alarm.ts';

interface Waiting {
  readonly due: number;
  /** Tells what is due at the same time apart: the first to come goes first. */
  readonly order: number;
  readonly go: () => void;
}

const isBefore = (one: Waiting, other: Waiting): boolean =>
  one.due < other.due || (one.due === other.due && one.order < other.order);

/** What waits for its time, in a binary heap with one alarm. */
export class DelayQueue {
  readonly #alarm: Alarm;
  readonly #now: () => number;
  readonly #heap: Waiting[] = [];
  #order = 0;
  #set = Number.POSITIVE_INFINITY;

  /** `now` is the alarm's clock, in milliseconds. */
  constructor(alarm: (ring: () => void) => Alarm, now: () => number) {
    this.#now = now;
    this.#alarm = alarm(() => this.#ring());
  }

  get waiting(): number {
    return this.#heap.length;
  }

  /** Calls back when the time has come. What is due at one time goes in the order in which it was given. */
  at(due: number, go: () => void): void {
    this.#push({ due, order: this.#order++, go });
    this.#wind();
  }

  close(): Promise<void> {
    this.#heap.length = 0;
    return this.#alarm.close();
  }

  #ring(): void {
    this.#set = Number.POSITIVE_INFINITY;
    while (this.#heap.length > 0 && this.#heap[0]!.due <= this.#now()) this.#pop().go();
    this.#wind();
  }

  #wind(): void {
    const due = this.#heap[0]?.due ?? Number.POSITIVE_INFINITY;
    if (due >= this.#set) return;
    this.#set = due;
    this.#alarm.set(due);
  }

  #push(waiting: Waiting): void {
    const heap = this.#heap;
    let at = heap.push(waiting) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (isBefore(heap[above]!, waiting)) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = waiting;
  }

  #pop(): Waiting {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below++;
      if (isBefore(last, heap[below]!)) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = last;
    return first;
  }
}
