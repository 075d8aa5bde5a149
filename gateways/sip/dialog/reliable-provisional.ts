import type { SipRequest, SipResponse } from '../message/index.ts';
import { buildResponse, lists, type ResponseParts, sequence } from '../message/index.ts';
import type { ServerTransaction } from '../transaction/index.ts';
import { Repeater } from '../transaction/index.ts';
import type { SessionHost } from './session-host.ts';

/** What a PRACK acknowledges (RFC 3262, section 7.2). */
export interface RAck {
  readonly response: number;
  readonly sequence: number;
  readonly method: string;
}

/** Parses `776656 1 INVITE`; undefined when it is not well-formed. */
export const parseRAck = (value: string): RAck | undefined => {
  const match = /^\s*(\d{1,10})\s+(\d{1,10})\s+(\S+)\s*$/.exec(value);
  if (match === null) return undefined;
  return { response: Number(match[1]), sequence: Number(match[2]), method: match[3]! };
};

/** The RSeq of a provisional response that must be acknowledged; undefined when it need not be. */
export const reliableSequence = (response: SipResponse): number | undefined => {
  if (!lists(response.headers, 'Require', '100rel')) return undefined;
  const text = response.headers.get('RSeq');
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
};

/** Whether a reliable response is the next in order; others are repetitions, or came too early (RFC 3262, section 4). */
export const isNext = (last: number | undefined, response: number): boolean =>
  last === undefined || response === last + 1;

interface Provisional {
  readonly status: number;
  readonly parts: ResponseParts;
}

/**
 * Our provisional responses to one INVITE, each repeated until its PRACK comes (RFC 3262, section 3). One is under way
 * at a time; the next waits, and of several that wait the last one with SDP matters, or else the last.
 */
export class ReliableProvisionals {
  readonly #host: SessionHost;
  readonly #transaction: ServerTransaction;
  readonly #request: SipRequest;
  readonly #sequence: number;
  readonly #givenUp: () => void;
  #number: number;
  #sent: SipResponse | undefined;
  #next: Provisional | undefined;
  #repeater: Repeater | undefined;

  constructor(host: SessionHost, transaction: ServerTransaction, givenUp: () => void) {
    this.#host = host;
    this.#transaction = transaction;
    this.#request = transaction.request;
    this.#sequence = sequence(this.#request);
    this.#givenUp = givenUp;
    this.#number = Math.floor(host.random() * 0x7fff_0000);
  }

  /** Whether a response with SDP has not been acknowledged: a 2xx must wait for that. */
  get sdpUnderWay(): boolean {
    return (this.#sent?.body.length ?? 0) > 0 || this.#next?.parts.content !== undefined;
  }

  send(status: number, parts: ResponseParts): void {
    if (this.#sent !== undefined) {
      if (parts.content !== undefined || this.#next?.parts.content === undefined)
        this.#next = { status, parts };
      return;
    }
    this.#number++;
    this.#sent = buildResponse(this.#request, status, {
      ...parts,
      tag: this.#transaction.localTag,
      headers: [...(parts.headers ?? []), ['Require', '100rel'], ['RSeq', `${this.#number}`]],
    });
    this.#transaction.respond(this.#sent);
    const { clock, timers } = this.#host;
    const again = (): void => this.#transaction.respond(this.#sent!);
    this.#repeater = new Repeater(clock, timers, Number.POSITIVE_INFINITY, again, this.#givenUp);
  }

  /** Whether this is the PRACK that was waited for; then the next response goes out. */
  acknowledge(rack: RAck): boolean {
    const expected =
      this.#sent !== undefined &&
      rack.response === this.#number &&
      rack.sequence === this.#sequence &&
      rack.method === 'INVITE';
    if (!expected) return false;
    this.stop();
    this.#sent = undefined;
    const next = this.#next;
    this.#next = undefined;
    if (next !== undefined && !this.#transaction.answered) this.send(next.status, next.parts);
    return true;
  }

  /** A final response has been given: nothing is repeated, but a PRACK on its way is still known. */
  stop(): void {
    this.#repeater?.stop();
  }
}
