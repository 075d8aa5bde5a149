import type { SipMessage, SipRequest } from '../message/index.ts';
import { MAX_ECHOED_CHARACTERS } from '../message/index.ts';

/** How much peers may make us hold for their transactions. */
export interface TransactionLimits {
  /** Transactions from one address. */
  readonly perSource: number;
  readonly inAll: number;
  /** What they hold of messages, in bytes. */
  readonly bytesPerSource: number;
  readonly bytesInAll: number;
  /** Seconds after which a refused peer is asked to try again. */
  readonly retryAfter: number;
}

const MIB = 1_048_576;

/**
 * Over UDP a transaction is held for 32 s after its end. 2,000 calls a second from one carrier, of an INVITE and a BYE
 * each, are 128,000; of an answered INVITE next to nothing is held, of a BYE with its answer 1 KB.
 */
export const standardLimits: TransactionLimits = {
  perSource: 150_000,
  inAll: 300_000,
  bytesPerSource: 192 * MIB,
  bytesInAll: 384 * MIB,
  retryAfter: 5,
};

/** Bytes of a transaction without its messages. */
export const BARE_TRANSACTION = 500;

/** About how many bytes a message holds: its text and its body. */
export const sizeOf = (message: SipMessage): number =>
  (message.kind === 'request' ? message.uri.length : 0) + message.headers.characters + message.body.length;

/** What a response repeats of its request (RFC 3261, sections 8.2.6.2 and 12.1.1), by lower-case long name. */
const ECHOED: ReadonlySet<string> = new Set(['via', 'from', 'to', 'call-id', 'cseq', 'record-route']);

/** Whether the answer to a request would be too long to keep. */
export const echoesTooMuch = ({ headers }: SipRequest): boolean =>
  headers.characters > MAX_ECHOED_CHARACTERS && headers.charactersOf(ECHOED) > MAX_ECHOED_CHARACTERS;

interface Held {
  transactions: number;
  bytes: number;
}

/** Counts what peers make us hold for their transactions, by source. */
export class TransactionQuota {
  readonly #limits: TransactionLimits;
  readonly #held = new Map<string, Held>();
  readonly #all: Held = { transactions: 0, bytes: 0 };

  constructor(limits: TransactionLimits) {
    this.#limits = limits;
  }

  get retryAfter(): number {
    return this.#limits.retryAfter;
  }

  /** Takes a place for a transaction that holds so many bytes; false when there is none. */
  take(source: string, bytes: number): boolean {
    const { perSource, inAll, bytesPerSource, bytesInAll } = this.#limits;
    const held = this.#held.get(source) ?? { transactions: 0, bytes: 0 };
    if (this.#all.transactions >= inAll || held.transactions >= perSource) return false;
    if (this.#all.bytes + bytes > bytesInAll || held.bytes + bytes > bytesPerSource) return false;
    this.#held.set(source, held);
    this.#add(held, 1, bytes);
    return true;
  }

  /** A transaction holds so many bytes more, or fewer. */
  resize(source: string, by: number): void {
    const held = this.#held.get(source);
    if (held !== undefined) this.#add(held, 0, by);
  }

  /** A transaction that held so many bytes is over. */
  release(source: string, bytes: number): void {
    const held = this.#held.get(source);
    if (held === undefined) return;
    this.#add(held, -1, -bytes);
    if (held.transactions === 0) this.#held.delete(source);
  }

  #add(held: Held, transactions: number, bytes: number): void {
    for (const one of [held, this.#all]) {
      one.transactions += transactions;
      one.bytes += bytes;
    }
  }
}
