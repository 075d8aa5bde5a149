import type { Content } from './build-message.ts';
import type { SipRequest } from './message.ts';

export interface Digit {
  /** 0 to 9, *, #, A to D. */
  readonly digit: string;
  /** ms */
  readonly duration: number;
}

/** What a peer means that sends a digit without its duration, in ms. */
const usual = 250;
const longest = 10_000;

const events: Readonly<Record<string, string>> = {
  '10': '*',
  '11': '#',
  '12': 'A',
  '13': 'B',
  '14': 'C',
  '15': 'D',
};

/** Digits as such, or the event numbers of RFC 4733 that some peers write for the keys that are no digits. */
const normal = (text: string | undefined): string | undefined => {
  const signal = text?.trim().toUpperCase() ?? '';
  if (/^[0-9*#A-D]$/.test(signal)) return signal;
  return Object.hasOwn(events, signal) ? events[signal] : undefined;
};

/** The digit in an INFO; undefined when it has no body, `unknown` when the body is not a digit. */
export const readDigit = (request: SipRequest): Digit | 'unknown' | undefined => {
  if (request.body.length === 0) return undefined;
  const type = request.headers.get('Content-Type')?.split(';')[0]?.trim().toLowerCase();
  const text = request.body.toString('latin1');
  if (type === 'application/dtmf') {
    const digit = normal(text);
    return digit === undefined ? 'unknown' : { digit, duration: usual };
  }
  if (type !== 'application/dtmf-relay') return 'unknown';
  const digit = normal(/^signal[ \t]*=[ \t]*(\S{1,2})[ \t]*$/im.exec(text)?.[1]);
  if (digit === undefined) return 'unknown';
  const duration = Number(/^duration[ \t]*=[ \t]*(\d{1,6})[ \t]*$/im.exec(text)?.[1] ?? usual);
  return { digit, duration: Math.min(duration, longest) };
};

export const digitContent = (digit: string, duration: number): Content => ({
  type: 'application/dtmf-relay',
  body: `Signal=${digit}\r\nDuration=${Math.round(duration)}\r\n`,
});
