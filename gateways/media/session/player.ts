/** A piece of what is played: samples at the play's rate, or so much silence in milliseconds. */
export type PlayPiece =
  | { readonly samples: Int16Array /** Played over and over until stopped. */; readonly endless: boolean }
  | { readonly silence: number };

/** What a frame is: sound, nothing yet (the next piece is still being made), or nothing more. */
export type Frame = 'audio' | 'waiting' | 'ended';

/** Cuts a play's pieces into frames, and forgets each once it was heard. Pieces may still come meanwhile. */
export class Player {
  readonly playId: string;
  /** Samples a second of its frames. */
  readonly sampleRate: number;
  readonly #onHeard: () => void;
  readonly #pieces: PlayPiece[] = [];
  #complete = false;
  #offset = 0;

  /** @param onHeard called whenever a piece was heard to its end */
  constructor(playId: string, sampleRate = 8000, onHeard = () => {}) {
    this.playId = playId;
    this.sampleRate = sampleRate;
    this.#onHeard = onHeard;
  }

  add(piece: PlayPiece): void {
    this.#pieces.push(piece);
  }

  /** No more pieces come. */
  complete(): void {
    this.#complete = true;
  }

  /** Fills the next frame; what is left of the last one stays silent. */
  next(frame: Int16Array): Frame {
    let filled = 0;
    while (filled < frame.length) {
      const piece = this.#current();
      if (piece === undefined) break;
      const count = Math.min(this.#lengthOf(piece) - this.#offset, frame.length - filled);
      if ('samples' in piece) {
        frame.set(piece.samples.subarray(this.#offset, this.#offset + count), filled);
      } else {
        frame.fill(0, filled, filled + count);
      }
      filled += count;
      this.#offset += count;
    }
    if (filled === 0) return this.#complete ? 'ended' : 'waiting';
    frame.fill(0, filled);
    return 'audio';
  }

  #lengthOf(piece: PlayPiece): number {
    if ('samples' in piece) return piece.samples.length;
    return Math.round((piece.silence * this.sampleRate) / 1000);
  }

  /** The piece that the next sample is of; undefined when there is none (yet). */
  #current(): PlayPiece | undefined {
    for (let piece = this.#pieces[0]; piece !== undefined; piece = this.#pieces[0]) {
      const length = this.#lengthOf(piece);
      if (this.#offset < length) return piece;
      this.#offset = 0;
      if ('samples' in piece && piece.endless && length > 0) return piece;
      this.#pieces.shift();
      this.#onHeard();
    }
    return undefined;
  }
}
