import { TandemError } from '@tandem/actors/errors';

export interface RenderingOptions {
  /** Makes the sound, part by part; `signal` says that nobody wants it any more. */
  readonly make: (signal: AbortSignal) => AsyncIterable<Int16Array>;
  /** Bytes of samples up to which all parts are kept, so that others can join from the beginning. */
  readonly keep: number;
  /** So many bytes more, or fewer, are held. @throws when that is too much */
  readonly hold: (bytes: number) => void;
  /** It cannot be joined any more. */
  readonly onClosed: () => void;
  /** It is complete, and all of it is there. */
  readonly onComplete: (parts: readonly Int16Array[]) => void;
}

interface Reader {
  /** The part that it takes next, counted from the first. */
  at: number;
}

/**
 * A sound that is being made, for all who play it: each part is made when the first of them wants it. Made for nobody,
 * it is given up at once. While it is short enough all of it is kept, and others can join; after that only what is still
 * to be heard by one of them.
 */
export class Rendering {
  readonly #options: RenderingOptions;
  readonly #source: AsyncIterator<Int16Array>;
  readonly #abort = new AbortController();
  readonly #parts: Int16Array[] = [];
  readonly #readers = new Set<Reader>();
  /** Parts that came before those that are kept. */
  #dropped = 0;
  #held = 0;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #making: Promise<void> | undefined;
  #closed = false;

  constructor(options: RenderingOptions) {
    this.#options = options;
    this.#source = options.make(this.#abort.signal)[Symbol.asyncIterator]();
  }

  /**
   * Its parts from the first one on, each when it is asked for; `return` at any time, even while one is being made.
   * Whoever takes it reads it.
   */
  read(): AsyncIterableIterator<Int16Array> {
    const reader = { at: 0 };
    this.#readers.add(reader);
    const over: IteratorResult<Int16Array> = { done: true, value: undefined };
    const leave = async (): Promise<IteratorResult<Int16Array>> => {
      this.#leave(reader);
      return over;
    };
    const iterator: AsyncIterableIterator<Int16Array> = {
      [Symbol.asyncIterator]: () => iterator,
      return: leave,
      next: async () => {
        const part = await this.#next(reader);
        return part === undefined ? leave() : { done: false, value: part };
      },
    };
    return iterator;
  }

  async #next(reader: Reader): Promise<Int16Array | undefined> {
    const isMissing = (): boolean => reader.at - this.#dropped >= this.#parts.length;
    while (isMissing() && !this.#ended && this.#readers.has(reader)) await this.#more();
    if (!this.#readers.has(reader)) return undefined;
    if (isMissing()) {
      if (this.#failure !== undefined) throw this.#failure.error;
      return undefined;
    }
    const part = this.#parts[reader.at - this.#dropped];
    reader.at += 1;
    this.#trim();
    return part;
  }

  #leave(reader: Reader): void {
    if (!this.#readers.delete(reader)) return;
    if (this.#readers.size > 0) this.#trim();
    else this.#finish();
  }

  #more(): Promise<void> {
    this.#making ??= this.#make().finally(() => {
      this.#making = undefined;
    });
    return this.#making;
  }

  async #make(): Promise<void> {
    try {
      const { value, done } = await this.#source.next();
      if (this.#ended) return;
      if (done) {
        this.#ended = true;
        const isWhole = !this.#closed;
        this.#close();
        if (isWhole) this.#options.onComplete([...this.#parts]);
      } else if (value.length > 0) {
        this.#options.hold(value.byteLength);
        this.#held += value.byteLength;
        this.#parts.push(value);
        if (this.#held > this.#options.keep) this.#close();
      }
    } catch (error) {
      this.#failure = { error };
      this.#ended = true;
      this.#close();
      void this.#source.return?.();
    }
  }

  /** Nobody joins any more. */
  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.onClosed();
  }

  /** Lets go of what all have taken. */
  #trim(): void {
    if (!this.#closed) return;
    const heard = Math.min(...[...this.#readers].map(({ at }) => at));
    while (this.#dropped < heard) {
      this.#letGo(this.#parts.shift()!);
      this.#dropped += 1;
    }
  }

  #finish(): void {
    this.#close();
    this.#ended = true;
    this.#abort.abort(new TandemError('media.closed', {}));
    this.#source.return?.().catch(() => {});
    for (const part of this.#parts.splice(0)) this.#letGo(part);
  }

  #letGo({ byteLength }: Int16Array): void {
    this.#held -= byteLength;
    this.#options.hold(-byteLength);
  }
}
