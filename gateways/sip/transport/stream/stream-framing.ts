import type { TandemError } from '@tandem/actors/errors';
import { MAX_HEAD_BYTES, MAX_MESSAGE_BYTES, malformed } from '../../message/index.ts';

/**
 * Content-Length in a head whose every line has a CRLF before it, folded or not. The parser reads it again with all
 * care; where the two would differ, the parser refuses the message and the connection is closed.
 */
const CONTENT_LENGTH = /\r\n(?:content-length|l)[ \t]*:[ \t]*(?:\r\n[ \t]+)?([0-9]{1,6})[ \t]*(?=\r\n)/i;

const EMPTY = Buffer.alloc(0);

/**
 * Cuts a byte stream into messages by their Content-Length (RFC 3261, 18.3). Keep-alives, which are empty lines
 * between messages (RFC 5626, 3.5.1), are skipped.
 */
export class StreamFraming {
  /** What has come and was not taken. */
  #bytes: Buffer = EMPTY;
  /** Memory in which more can be put behind `#bytes`, which lies in it from `#start` on; nothing in it is written twice. */
  #room: Buffer = EMPTY;
  #start = 0;
  /** Where to go on looking for the end of the head. */
  #scanned = 0;
  /** Where the message ends whose head has come; 0 while its head is incomplete. */
  #end = 0;
  #pinged = false;

  /** Whether part of a message has come. */
  get isPartial(): boolean {
    return this.#bytes.length > 0;
  }

  /** Each byte is copied a bounded number of times, into however many pieces the peer has cut its message. */
  push(chunk: Buffer): void {
    const { length } = this.#bytes;
    if (length === 0) {
      this.#bytes = chunk;
      this.#room = EMPTY;
      return;
    }
    const needed = length + chunk.length;
    if (this.#start + needed > this.#room.length) {
      this.#room = Buffer.allocUnsafeSlow(2 * needed);
      this.#start = 0;
      this.#bytes.copy(this.#room);
    }
    chunk.copy(this.#room, this.#start + length);
    this.#bytes = this.#room.subarray(this.#start, this.#start + needed);
  }

  /** The bytes of the next message; nothing when it is not complete; an error when the stream cannot be read on. */
  next(): Buffer | TandemError | undefined {
    if (this.#end === 0) {
      this.#skipEmptyLines();
      const error = this.#findEnd();
      if (error !== undefined) return error;
    }
    return this.#end === 0 || this.#bytes.length < this.#end ? undefined : this.#take(this.#end);
  }

  /** Whether a keep-alive has come since the last call, to which one empty line is the answer. */
  takePing(): boolean {
    const pinged = this.#pinged;
    this.#pinged = false;
    return pinged;
  }

  #findEnd(): TandemError | undefined {
    const headEnd = this.#bytes.indexOf('\r\n\r\n', this.#scanned, 'latin1');
    if ((headEnd === -1 ? this.#bytes.length : headEnd) > MAX_HEAD_BYTES) {
      return malformed(`it has more than ${MAX_HEAD_BYTES} bytes`, 'head');
    }
    if (headEnd === -1) {
      this.#scanned = Math.max(0, this.#bytes.length - 3);
      return undefined;
    }
    const length = CONTENT_LENGTH.exec(this.#bytes.toString('latin1', 0, headEnd + 2))?.[1];
    if (length === undefined) return malformed('a stream needs it in every message', 'Content-Length');
    const end = headEnd + 4 + Number(length);
    if (end > MAX_MESSAGE_BYTES) {
      return malformed(`the message is longer than ${MAX_MESSAGE_BYTES} bytes`, 'Content-Length');
    }
    this.#end = end;
    return undefined;
  }

  #take(end: number): Buffer {
    const bytes = this.#bytes.subarray(0, end);
    this.#drop(end);
    this.#scanned = 0;
    this.#end = 0;
    return bytes;
  }

  #skipEmptyLines(): void {
    let start = 0;
    while (this.#bytes[start] === 0x0d && this.#bytes[start + 1] === 0x0a) start += 2;
    if (start === 0) return;
    // One empty line is an answer to a keep-alive of ours; two are a keep-alive of the peer's.
    if (start >= 4) this.#pinged = true;
    this.#drop(start);
    this.#scanned = 0;
  }

  #drop(length: number): void {
    this.#bytes = this.#bytes.subarray(length);
    this.#start += length;
  }
}
