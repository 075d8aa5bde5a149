/** What is asked once and waited for: names, until each has its answer. */
export class OpenQuestions {
  readonly #open: Set<string>;
  readonly #all = Promise.withResolvers<void>();

  constructor(names: readonly string[]) {
    this.#open = new Set(names);
    if (this.#open.size === 0) this.#all.resolve();
  }

  answered(names: readonly string[]): void {
    for (const name of names) this.#open.delete(name);
    if (this.#open.size === 0) this.#all.resolve();
  }

  /** Resolves when all have their answers, or after so many milliseconds. */
  async allAnswered(patience: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, patience);
    await Promise.race([this.#all.promise, promise]);
    clearTimeout(timer);
  }
}
