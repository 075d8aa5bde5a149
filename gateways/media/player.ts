/** A piece of what is played: samples at the play's rate, or so much silence in milliseconds. */
export type PlayPiece =
  | { readonly samples: Int16Array /** Played over and over until stopped. */; readonly endless: boolean }
  | { readonly silence: number };

/** What a frame is: sound, nothing yet (the next piece is still being made), or nothing more. */
export type Frame = 'audio' | 'waiting' | 'ended';

/** Cuts a play's pieces into frames. Pieces may still come while the first is heard. */
export class Player {
  readonly playId: string;
  /** Samples a second of its frames. */
  readonly sampleRate: number;
  #loopsLeft: number;
  readonly #pieces: PlayPiece[] = [];
  #complete = false;
  #piece = 0;
  #offset = 0;

  /** @param loop how often the pieces are played in turn; 0 until stopped */
  constructor(playId: string, loop: number, sampleRate = 8000) {
    this.playId = playId;
    this.sampleRate = sampleRate;
    this.#loopsLeft = loop > 0 ? loop : Number.POSITIVE_INFINITY;
  }

  add(piece: PlayPiece): void {
    if (this.#lengthOf(piece) > 0) this.#pieces.push(piece);
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
    const piece = this.#pieces[this.#piece];
    if (piece === undefined) {
      if (!this.#complete || this.#pieces.length === 0 || this.#loopsLeft <= 1) return undefined;
      this.#loopsLeft -= 1;
      this.#piece = 0;
      this.#offset = 0;
      return this.#pieces[0];
    }
    if (this.#offset < this.#lengthOf(piece)) return piece;
    this.#offset = 0;
    if ('samples' in piece && piece.endless) return piece;
    this.#piece += 1;
    return this.#current();
  }
}
