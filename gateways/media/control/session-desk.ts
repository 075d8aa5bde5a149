import { asRecorded } from '@tandem/actors/errors';
import type { LinkLog } from '@tandem/actors/link';
import type { MediaEvents, MediaPlane } from '../plane/index.ts';
import {
  type AnswerMessage,
  controlLimits,
  type EventMessage,
  type FromMedia,
  type OperationMessage,
} from './control-method.ts';
import { type Bad, perform, report } from './operations.ts';

export interface SessionDeskOptions {
  readonly plane: MediaPlane;
  /** Milliseconds for which sessions are kept for a signalling part that is away. */
  readonly grace: number;
  readonly log: LinkLog;
}

const EVENTS = ['digit', 'played', 'latched', 'contested', 'stopped'] as const;

/**
 * What the media part remembers of its signalling part: which sessions it has, which operations came, the answers and
 * events that it may not have had. A break of their stream loses nothing; another signalling process begins anew, with
 * the sessions of the one before going on until it has them again, or has settled without them.
 */
export class SessionDesk {
  readonly #options: SessionDeskOptions;
  readonly #own = new Set<string>();
  /** Sessions of a signalling process that is no more. */
  readonly #foreign = new Set<string>();
  readonly #answers = new Map<number, AnswerMessage>();
  #node = '';
  #received = 0;
  /** Events that signalling may not have heard, the oldest first, and the number of the newest. */
  #unheard: EventMessage[] = [];
  #happened = 0;
  #send: ((message: FromMedia) => void) | undefined;
  #leaving: NodeJS.Timeout | undefined;

  constructor(options: SessionDeskOptions) {
    this.#options = options;
    for (const name of EVENTS) options.plane.on(name, this.#hear[name] as never);
  }

  get sessions(): number {
    return this.#own.size + this.#foreign.size;
  }

  /** A signalling process is here; the number of its last operation that came. */
  meet(node: string): number {
    clearTimeout(this.#leaving);
    if (node !== this.#node) this.#begin(node);
    return this.#received;
  }

  /** Its stream takes what it has not had: of these operations the answers, and events. */
  attach(send: (message: FromMedia) => void, unanswered: readonly number[], heard: number): void {
    this.#send = send;
    this.heard(heard);
    for (const number of unanswered) {
      const answer = this.#answers.get(number);
      if (answer) send({ answer });
    }
    for (const event of this.#unheard) send({ event });
  }

  /** It has heard all events up to this number. */
  heard(number: number): void {
    const count = this.#unheard.findIndex((event) => event.number! > number);
    this.#unheard = count < 0 ? [] : this.#unheard.slice(count);
  }

  /** Its stream is over. */
  detach(): void {
    this.#send = undefined;
    this.#leaving = setTimeout(() => this.#begin(''), this.#options.grace);
    this.#leaving.unref();
  }

  /** Begins an operation, once. */
  take(operation: OperationMessage, bad: Bad): void {
    const number = operation.number ?? 0;
    if (number <= this.#received) return;
    if (number !== this.#received + 1) bad(`operation ${number} after ${this.#received}`);
    this.#received = number;
    const node = this.#node;
    const answer = (body: AnswerMessage): void => {
      if (node === this.#node) this.#answer({ number, ...body });
    };
    this.#perform(operation, bad).then(answer, (error) => answer({ failure: asRecorded(error) }));
  }

  close(): void {
    clearTimeout(this.#leaving);
    for (const name of EVENTS) this.#options.plane.off(name, this.#hear[name] as never);
  }

  async #perform(operation: OperationMessage, bad: Bad): Promise<AnswerMessage> {
    const { plane } = this.#options;
    if (operation.settle) {
      await this.#letGo();
      return { done: {} };
    }
    const begun = operation.allocate?.id ?? operation.openPipe?.id;
    if (begun) {
      // What it played and whom it was joined with was the other process's wish.
      if (this.#foreign.delete(begun)) await plane.release(begun);
      this.#own.add(begun);
    }
    if (operation.release?.id) this.#own.delete(operation.release.id);
    return perform(plane, operation, bad);
  }

  #answer(answer: AnswerMessage): void {
    this.#answers.set(answer.number!, answer);
    if (this.#answers.size > controlLimits.kept) this.#answers.delete(this.#answers.keys().next().value!);
    this.#send?.({ answer });
  }

  #begin(node: string): void {
    this.#node = node;
    this.#received = 0;
    this.#answers.clear();
    this.#unheard = [];
    this.#happened = 0;
    for (const id of this.#own) this.#foreign.add(id);
    this.#own.clear();
    if (node === '') void this.#letGo();
  }

  async #letGo(): Promise<void> {
    const { plane, log } = this.#options;
    const gone = [...this.#foreign];
    this.#foreign.clear();
    if (gone.length > 0)
      log.warn({ sessions: gone.length }, 'media: sessions that nobody has any more are released');
    await Promise.all(gone.map((id) => plane.release(id)));
  }

  readonly #hear: { [E in keyof MediaEvents]: (...args: MediaEvents[E]) => void } = {
    digit: (...what) => this.#tell(what[0], report.digit(...what)),
    played: (...what) => this.#tell(what[0], report.played(...what)),
    latched: (...what) => this.#tell(what[0], report.latched(...what)),
    contested: (...what) => this.#tell(what[0], report.contested(...what)),
    stopped: (...what) => this.#tell(what[0], report.stopped(...what)),
  };

  #tell(id: string, what: EventMessage): void {
    if (!this.#own.has(id)) return;
    const event = { ...what, number: ++this.#happened };
    this.#unheard.push(event);
    if (this.#unheard.length > controlLimits.kept) this.#unheard.shift();
    this.#send?.({ event });
  }
}
