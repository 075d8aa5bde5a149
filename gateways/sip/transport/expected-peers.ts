import { MAX_EXPECTED_PEERS_PER_DIALOG } from '../message/index.ts';
import type { Clock, Timer } from './clock.ts';
import type { TransportLayer } from './transport-layer.ts';

/** The peers of one dialog that no trunk lists. */
interface Expected {
  /** By address, the longest expected first. */
  readonly releases: Map<string, () => void>;
  /** Runs from the end of its session. */
  timer: Timer;
}

/**
 * Has peers that no trunk lists heard while we have to do with them: from our first request to them in a dialog until
 * its session is over and the last answers have had their time.
 */
export class ExpectedPeers {
  readonly #transport: TransportLayer;
  readonly #clock: Clock;
  readonly #linger: number;
  /** By local tag. */
  readonly #dialogs = new Map<string, Expected>();

  /** @param linger milliseconds for which answers may still come after the end */
  constructor(transport: TransportLayer, clock: Clock, linger: number) {
    this.#transport = transport;
    this.#clock = clock;
    this.#linger = linger;
  }

  /** @param lasts whether a session says when it is over; else it is now */
  expect(tag: string, address: string, lasts: boolean): void {
    let dialog = this.#dialogs.get(tag);
    if (dialog?.releases.has(address)) return;
    const release = this.#transport.expect(address);
    if (release === undefined) return;
    if (dialog === undefined) {
      dialog = { releases: new Map(), timer: undefined };
      this.#dialogs.set(tag, dialog);
      if (!lasts) this.end(tag);
    }
    dialog.releases.set(address, release);
    if (dialog.releases.size <= MAX_EXPECTED_PEERS_PER_DIALOG) return;
    const [oldest, releaseOldest] = dialog.releases.entries().next().value!;
    dialog.releases.delete(oldest);
    releaseOldest();
  }

  /** The session is over. */
  end(tag: string): void {
    const dialog = this.#dialogs.get(tag);
    if (dialog === undefined || dialog.timer !== undefined) return;
    dialog.timer = this.#clock.set(this.#linger, (over) => this.#forget(over), tag);
  }

  close(): void {
    for (const tag of [...this.#dialogs.keys()]) this.#forget(tag);
  }

  #forget(tag: string): void {
    const { releases, timer } = this.#dialogs.get(tag)!;
    this.#clock.clear(timer);
    for (const release of releases.values()) release();
    this.#dialogs.delete(tag);
  }
}
