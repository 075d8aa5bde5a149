import type { Socket } from 'node:net';
import { clock } from './clock.ts';
import type { DelayQueue } from './delay-queue.ts';
import type { LinkDirection } from './direction.ts';

/** Bytes under way in one direction of a connection; the sender waits then, as it does for a full window. */
const MOST_UNDER_WAY = 1024 * 1024;

/** A piece of the stream, its end or its breaking off, with the time at which that arrives. */
interface Piece {
  readonly due: number;
  readonly what: Buffer | 'end' | 'reset';
}

/** One direction of a TCP connection: what one socket reads is written to another, later and in order. */
export class StreamPassage {
  readonly #from: Socket;
  readonly #direction: LinkDirection;
  readonly #queue: DelayQueue;
  #to: Socket | undefined;
  #pieces: Piece[] = [];
  #bytes = 0;
  #lastDue = 0;
  #waits = false;

  constructor(from: Socket, direction: LinkDirection, queue: DelayQueue) {
    this.#from = from;
    this.#direction = direction;
    this.#queue = queue;
    from.on('data', (bytes: Buffer) => {
      direction.countStream(bytes.length);
      this.#push(bytes);
      this.#bytes += bytes.length;
      if (this.#bytes > MOST_UNDER_WAY) from.pause();
    });
    from.on('end', () => this.#push('end'));
    from.on('close', () => {
      if (!from.readableEnded) this.#push('reset');
    });
  }

  /** Where it leads: nothing arrives before. */
  leadTo(to: Socket): void {
    this.#to = to;
    to.on('drain', () => this.#arrive());
    this.#arrive();
  }

  #push(what: Piece['what']): void {
    this.#lastDue = Math.max(this.#lastDue, clock.now() + this.#direction.delay());
    this.#pieces.push({ due: this.#lastDue, what });
    this.#queue.at(this.#lastDue, () => this.#arrive());
  }

  #arrive(): void {
    const to = this.#to;
    const now = clock.now();
    while (to && !to.writableNeedDrain && this.#pieces.length > 0 && this.#pieces[0]!.due <= now) {
      if (this.#direction.cut === 'silent') {
        this.#waitForMending();
        return;
      }
      this.#deliver(to, this.#pieces.shift()!.what);
    }
  }

  #deliver(to: Socket, what: Piece['what']): void {
    if (what === 'reset') to.resetAndDestroy();
    else if (what === 'end') to.end();
    else {
      if (to.writable) to.write(what);
      this.#bytes -= what.length;
      if (this.#bytes <= MOST_UNDER_WAY / 2 && this.#from.isPaused()) this.#from.resume();
    }
  }

  #waitForMending(): void {
    if (this.#waits) return;
    this.#waits = true;
    this.#direction.whenNotSilent(() => {
      this.#waits = false;
      this.#arrive();
    });
  }
}
