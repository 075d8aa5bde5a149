/** Milliseconds after which a loss is silence. */
const FADE = 60;

/**
 * Makes up what was lost by saying the last 20 ms again, ever more quietly: for codecs that have no better way of
 * their own. A gap that is longer than 60 ms ends in silence.
 */
export class FadingRepeat {
  readonly #last: Int16Array;
  readonly #fade: number;
  /** Samples made up since something was heard. */
  #gone: number;

  constructor(sampleRate: number) {
    this.#last = new Int16Array(sampleRate / 50);
    this.#fade = (sampleRate * FADE) / 1000;
    this.#gone = this.#fade;
  }

  heard(samples: Int16Array): void {
    const last = this.#last;
    if (samples.length < last.length) {
      last.copyWithin(0, samples.length);
      last.set(samples, last.length - samples.length);
    } else last.set(samples.subarray(samples.length - last.length));
    this.#gone = 0;
  }

  fill(out: Int16Array): void {
    for (let i = 0; i < out.length; i++) {
      const level = 1 - this.#gone / this.#fade;
      out[i] = level > 0 ? this.#last[this.#gone % this.#last.length]! * level : 0;
      this.#gone += 1;
    }
  }
}
