import { setTimeout } from 'node:timers/promises';
import type { RtpMediaPlane } from '../worker/index.ts';
import type { Pipe } from './pipe.ts';
import { canRelay, type Relay, type Side } from './relay.ts';
import type { Relayed } from './relayed-stats.ts';
import type { RelayedFlow } from './way-out.ts';

/** Whoever speaks sends at least one packet in so many milliseconds, late ones included. */
const SOUND = 200;

/**
 * Milliseconds after which a worker has sound of both, or there is none: it knows a stream by its sound, and loses the
 * beginning of a key that was pressed in the moment of the hand-over, but not its end when that comes to our code.
 */
const FIRST_SOUND = 60;

export interface BridgeSurroundings {
  readonly sessions: RtpMediaPlane;
  pipe(id: string): Pipe | undefined;
  /** @throws media.no-worker, media.closed, and what mediasoup throws */
  openRelay(a: Side, b: Side): Promise<Relay>;
  /** A worker had the packets of a session, and counted so much of them. */
  relayed(id: string, stats: Relayed): void;
  /** A relay could not be opened for a reason that is no state of the sessions. */
  failed(error: unknown): void;
}

/**
 * Two sessions that are joined. While nobody listens to either and nothing is played to them, a worker exchanges their
 * packets; as soon as our code is needed it has them back.
 */
export class RelayedBridge {
  readonly ids: readonly [string, string];
  readonly #around: BridgeSurroundings;
  /** Who is listened to. */
  readonly #heard = new Set<string>();
  #relay: Relay | undefined;
  /** Counts what happened, so that what took its time sees whether it still holds. */
  #turn = 0;
  #opening = false;
  #checkedAt = 0;
  #checking = false;
  #watching = false;
  /** A bridge that cannot be handed over for a reason that lasts stays with our code. */
  #failed = false;
  #closing: Promise<void> = Promise.resolve();
  /** What was counted at the last look. */
  #flows: readonly RelayedFlow[] = [];

  constructor(a: string, b: string, around: BridgeSurroundings) {
    this.ids = [a, b];
    this.#around = around;
    for (const id of this.ids) this.#heard.add(id);
  }

  get isRelayed(): boolean {
    return this.#relay !== undefined;
  }

  /** Whether a worker may have the packets, as far as who listens is concerned. */
  get isQuiet(): boolean {
    return this.#heard.size === 0;
  }

  /** Whether the process that has the packets is gone. */
  get isLost(): boolean {
    return this.#relay?.lost === true;
  }

  listen(id: string, hears: boolean): void {
    if (hears) this.#heard.add(id);
    else this.#heard.delete(id);
    if (!this.isQuiet) void this.takeBack();
  }

  /** Does what has become due: hands over what can be, takes back where a peer went silent or elsewhere. */
  async look(): Promise<void> {
    if (this.#relay !== undefined) await this.#checkInTurn(this.#relay);
    else if (this.isQuiet && !this.#opening && !this.#failed) await this.#handOver();
  }

  /**
   * Takes it back at once when a peer has begun to send what the worker does not pass on. Cheaper than a look, which
   * sees everything else, and so to be done more often.
   */
  async watch(): Promise<void> {
    const relay = this.#relay;
    if (relay === undefined || this.#watching) return;
    this.#watching = true;
    // A worker that is gone is noticed otherwise.
    const misses = await relay.misses().catch(() => false);
    this.#watching = false;
    if (misses && relay === this.#relay) await this.takeBack();
  }

  /** Our code has the packets from now on. Resolves when the worker has nothing of them left. */
  takeBack(): Promise<void> {
    this.#turn += 1;
    const relay = this.#relay;
    if (relay === undefined) return this.#closing;
    this.#relay = undefined;
    this.#closing = this.#end(relay);
    return this.#closing;
  }

  /** What the worker that has the packets now has counted of a session. */
  async stats(id: string): Promise<Relayed | undefined> {
    const stats = await this.#relay?.stats().catch(() => undefined);
    return stats?.[this.ids.indexOf(id)];
  }

  async #handOver(): Promise<void> {
    const turn = this.#turn;
    this.#opening = true;
    try {
      await this.#closing;
      const sides = await Promise.all(this.ids.map((id) => this.#side(id)));
      const [a, b] = sides;
      if (a === undefined || b === undefined || turn !== this.#turn || !canRelay(a, b)) return;
      const relay = await this.#around.openRelay(a, b);
      const lent = turn === this.#turn && (await this.#lend([a, b]));
      if (!lent || turn !== this.#turn || relay.lost) {
        await this.#reclaim();
        relay.close();
        return;
      }
      this.#relay = relay;
      this.#checkedAt = performance.now();
      relay.begin();
      // A pipe's streams have counted since it was opened.
      this.#flows = await relay.flows().catch(() => []);
      await setTimeout(FIRST_SOUND, undefined, { ref: false });
      const flows: readonly RelayedFlow[] = await relay.flows().catch(() => []);
      const isOneWay = flows.some(({ wentOut }) => wentOut === 0);
      if (relay === this.#relay && isOneWay) await this.takeBack();
    } catch (error) {
      await this.#reclaim();
      this.#failed = true;
      this.#around.failed(error);
    } finally {
      this.#opening = false;
    }
  }

  async #side(id: string): Promise<Side | undefined> {
    const lendable = await this.#around.sessions.lendable(id).catch(() => undefined);
    if (lendable === undefined) return undefined;
    const pipe = this.#around.pipe(id);
    return pipe === undefined ? { lendable } : { pipe };
  }

  async #lend(sides: readonly Side[]): Promise<boolean> {
    const lent = await Promise.all(
      sides.map(
        (side, i) =>
          'pipe' in side || this.#around.sessions.lend(this.ids[i]!, side.lendable.ssrc).catch(() => false),
      ),
    );
    return lent.every(Boolean);
  }

  async #reclaim(): Promise<void> {
    await Promise.all(this.ids.map((id) => this.#around.sessions.reclaim(id).catch(() => {})));
  }

  async #checkInTurn(relay: Relay): Promise<void> {
    if (this.#checking || performance.now() - this.#checkedAt < SOUND) return;
    this.#checking = true;
    await this.#check(relay);
    this.#checking = false;
  }

  async #check(relay: Relay): Promise<void> {
    const before = this.#checkedAt;
    const flows: readonly RelayedFlow[] = await relay.flows().catch(() => []);
    if (relay !== this.#relay) return;
    this.#checkedAt = performance.now();
    // So much more for what a network holds back and lets go at once.
    const time = this.#checkedAt - before + SOUND;
    const allowed = (this.#around.sessions.packetRate * time) / 1000;
    // A worker has no limit: whoever sends more than a telephone has to do with our code, which has one.
    const grown = (i: number, what: keyof RelayedFlow): number =>
      (flows[i]?.[what] ?? 0) - (this.#flows[i]?.[what] ?? 0);
    const sides = [0, 1] as const;
    this.#failed ||= sides.some((i) => grown(i, 'came') > allowed);
    for (const i of sides) if (grown(i, 'came') > 0) this.#around.sessions.othersHeard(this.ids[i]);
    // A peer that is silent, or sends from elsewhere, with another SSRC or in another format: our code finds out which.
    const isOneWay = sides.some((i) => grown(i, 'wentOut') <= 0);
    this.#flows = flows;
    if (isOneWay || this.#failed) await this.takeBack();
  }

  async #end(relay: Relay): Promise<void> {
    relay.end();
    // What is bound last gets the packets: the worker must not close its sockets before.
    await this.#reclaim();
    const stats = await relay.stats().catch(() => undefined);
    relay.close();
    this.ids.forEach((id, i) => {
      if (stats?.[i] !== undefined) this.#around.relayed(id, stats[i]);
    });
  }
}
