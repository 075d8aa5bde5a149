import type { Socket } from 'node:net';
import { isTandemError, TandemError } from '@tandem/actors/errors';
import { MAX_UNSENT_BYTES } from '../../message/index.ts';
import type { Flow } from '../flow.ts';
import { sendError } from '../transport-errors.ts';
import { StreamFraming } from './stream-framing.ts';

export interface StreamConnectionOptions {
  readonly flow: Flow;
  /** Takes the bytes of one message; the error, when it refused it. */
  readonly receive: (bytes: Buffer, flow: Flow) => TandemError | undefined;
  /** The stream cannot be cut into messages any more and is about to be closed. */
  readonly broken: (error: TandemError, flow: Flow) => void;
  /** Takes the right to receive one message: 0, or milliseconds until there is one. */
  readonly takeOne: () => number;
  readonly idleMs: number;
  readonly completionMs: number;
}

/** Messages over one open TCP or TLS connection. Whoever makes it closes it; it closes itself when its peer misbehaves. */
export class StreamConnection {
  readonly flow: Flow;
  readonly #socket: Socket;
  readonly #options: StreamConnectionOptions;
  readonly #framing = new StreamFraming();
  /** A message that came before the peer's rate allowed it. */
  #held: Buffer | undefined;
  /** Runs until the held message may be handed up; nothing is read meanwhile, so TCP slows the peer down. */
  #pause: NodeJS.Timeout | undefined;
  /** Runs while a message is incomplete, so that nobody holds a connection with a byte a minute. */
  #completion: NodeJS.Timeout | undefined;
  #isBroken = false;

  constructor(socket: Socket, options: StreamConnectionOptions) {
    this.flow = options.flow;
    this.#socket = socket;
    this.#options = options;
    socket.setNoDelay(true);
    socket.setTimeout(options.idleMs, () => socket.destroy());
    // What went wrong is told to whoever is sending; 'close' always follows.
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('close', () => {
      clearTimeout(this.#completion);
      clearTimeout(this.#pause);
    });
  }

  /** @throws sip.transport-failed */
  send(bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#write(bytes, (error) => (error ? reject(sendError(this.flow, error)) : resolve()));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #write(bytes: Buffer | string, done?: (error?: Error | null) => void): void {
    if (this.#socket.writableLength > MAX_UNSENT_BYTES)
      this.#socket.destroy(new Error('the peer does not read'));
    this.#socket.write(bytes, done);
  }

  #take(chunk: Buffer): void {
    if (this.#isBroken) return;
    this.#framing.push(chunk);
    this.#drain();
  }

  /** Hands up every complete message, as far as the peer's rate allows, and watches over the incomplete one. */
  #drain(): void {
    while (this.#handUpNext()) this.#stopCompletion();
    if (this.#isBroken || this.#framing.isPartial) {
      this.#completion ??= setTimeout(() => this.#socket.destroy(), this.#options.completionMs);
    } else {
      this.#stopCompletion();
    }
  }

  /** Whether there may be another message to hand up now. */
  #handUpNext(): boolean {
    if (this.#socket.destroyed) return false;
    const next = this.#held ?? this.#framing.next();
    this.#held = undefined;
    if (this.#framing.takePing()) this.#write('\r\n');
    if (next === undefined) return false;
    if (next instanceof TandemError) {
      this.#options.broken(next, this.flow);
      this.#break();
      return false;
    }
    const wait = this.#options.takeOne();
    if (wait > 0) {
      this.#hold(next, wait);
      return false;
    }
    const error = this.#options.receive(next, this.flow);
    if (error === undefined || !isAboutFraming(error)) return true;
    this.#break();
    return false;
  }

  #stopCompletion(): void {
    clearTimeout(this.#completion);
    this.#completion = undefined;
  }

  #hold(message: Buffer, milliseconds: number): void {
    this.#held = message;
    this.#socket.pause();
    this.#pause = setTimeout(() => {
      this.#socket.resume();
      this.#drain();
    }, milliseconds);
  }

  /**
   * Ends the connection once the answer to its last message, if there is one, has been written. What still comes is
   * read and thrown away: closing with unread bytes would reset the connection and take the answer with it.
   */
  #break(): void {
    this.#isBroken = true;
    setImmediate(() => this.#socket.end());
  }
}

/** Whether what was taken for the message's end may be wrong; then a next message could be forged in its body. */
const isAboutFraming = (error: TandemError): boolean =>
  isTandemError(error, 'sip.malformed') && ['head', 'Content-Length'].includes(error.params.where);
