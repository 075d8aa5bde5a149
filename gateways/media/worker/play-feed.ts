import type { SampleRate } from '../../audio/codecs/index.ts';
import type { RenderedItem, RenderRequest } from '../../audio/render/index.ts';
import type { PlayItem } from '../../audio/speech/index.ts';
import type { Asker } from '../../audio/threads/index.ts';
import type { PlayRequest } from '../plane/index.ts';
import type { PlayPiece } from '../session/index.ts';
import { shared } from '../session/index.ts';

/** Milliseconds of sound that are made before they are heard. */
const AHEAD = 10_000;
/** Pieces that are ready in any case: the one that is heard, and the next. */
const LEAST_READY = 2;
/** Milliseconds that a piece of what is repeated has at the least, so that short sounds are not told of one by one. */
const LEAST_REPEATED = 1000;

export type Render = (item: PlayItem, request: RenderRequest) => RenderedItem | Promise<RenderedItem>;

export interface PlayFeedOptions {
  readonly render: Render;
  readonly sampleRate: SampleRate;
  readonly asker: Asker;
  readonly give: (piece: PlayPiece) => void;
}

/**
 * Makes what a play says while it is heard: never much more than that, so that neither a long text nor a long file costs
 * anything that nobody hears, and nothing once it is ended.
 */
export class PlayFeed {
  readonly #options: PlayFeedOptions;
  /** Milliseconds of each piece that was given and is not yet heard. */
  readonly #ready: number[] = [];
  #reading: AsyncIterator<Int16Array> | undefined;
  #wake = (): void => {};
  #isEnded = false;

  constructor(options: PlayFeedOptions) {
    this.#options = options;
  }

  /** Resolves when all was given, or it is ended: with whether it was all. @throws what `render` throws */
  async run({ items, loop }: Pick<PlayRequest, 'items' | 'loop'>): Promise<boolean> {
    const rounds = loop > 0 ? loop : Number.POSITIVE_INFINITY;
    const first: PlayPiece[] = [];
    let length = 0;
    for (let round = 0; round < rounds; round++) {
      for (const item of items) {
        for await (const piece of this.#pieces(item)) {
          if (this.#isEnded) return false;
          if (round === 0) {
            length += this.#lengthOf(piece);
            if (length < LEAST_REPEATED) first.push(piece);
          }
          if (!(await this.#give(piece))) return false;
        }
        if (this.#isEnded) return false;
      }
      if (length === 0) return true;
      if (length < LEAST_REPEATED) return this.#repeat(first, length, rounds - 1);
    }
    return true;
  }

  /** A piece was heard to its end. */
  heard(): void {
    this.#ready.shift();
    this.#wake();
  }

  /** Gives nothing any more, and has nothing more made. */
  end(): void {
    this.#isEnded = true;
    void this.#reading?.return?.();
    this.#wake();
  }

  async *#pieces(item: PlayItem): AsyncGenerator<PlayPiece, void> {
    if ('silence' in item) {
      yield item;
      return;
    }
    const { render, sampleRate, asker } = this.#options;
    const rendered = await render(item, { sampleRate, asker });
    if ('samples' in rendered) {
      yield { samples: shared(rendered.samples), endless: rendered.endless };
      return;
    }
    const reading = rendered.parts[Symbol.asyncIterator]();
    this.#reading = reading;
    try {
      if (this.#isEnded) return;
      for (let next = await reading.next(); !next.done; next = await reading.next())
        yield { samples: shared(next.value), endless: false };
    } finally {
      this.#reading = undefined;
      void reading.return?.();
    }
  }

  /** Resolves when there is room for the next piece. @returns false when it is ended */
  async #give(piece: PlayPiece): Promise<boolean> {
    const length = this.#lengthOf(piece);
    if (length > 0) {
      this.#options.give(piece);
      this.#ready.push(length);
    }
    while (!this.#isEnded && this.#ready.length >= LEAST_READY && sum(this.#ready) > AHEAD)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    return !this.#isEnded;
  }

  async #repeat(pieces: readonly PlayPiece[], length: number, rounds: number): Promise<boolean> {
    const most = Math.ceil(LEAST_REPEATED / length);
    const many = this.#repeated(pieces, Math.min(most, rounds));
    let left = rounds;
    for (; left >= most; left -= most) if (!(await this.#give(many))) return false;
    return left === 0 || this.#give(this.#repeated(pieces, left));
  }

  #repeated(pieces: readonly PlayPiece[], times: number): PlayPiece {
    const round = pieces.flatMap((piece) =>
      'samples' in piece ? [...piece.samples] : new Array<number>(this.#samplesOf(piece)).fill(0),
    );
    const samples = new Int16Array(new SharedArrayBuffer(2 * round.length * times));
    for (let at = 0; at < samples.length; at += round.length) samples.set(round, at);
    return { samples, endless: false };
  }

  #lengthOf(piece: PlayPiece): number {
    return (this.#samplesOf(piece) * 1000) / this.#options.sampleRate;
  }

  #samplesOf(piece: PlayPiece): number {
    if ('samples' in piece) return piece.samples.length;
    return Math.max(0, Math.round((piece.silence * this.#options.sampleRate) / 1000));
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
