import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type Capabilities, validateRequest } from '../dialog/validate-request.ts';
import { checkMessage } from './check-message.ts';
import type { SipMessage } from './message.ts';
import { parseMessage } from './parse-message.ts';

/** As broad as the RFC's examples, so that a message is refused for its own reason and not for its method. */
const capabilities: Capabilities = {
  methods: new Set(['ACK', 'BYE', 'CANCEL', 'INVITE', 'MESSAGE', 'OPTIONS', 'REGISTER']),
  extensions: new Set(['100rel', 'timer']),
  contentTypes: new Set(['application/sdp', 'application/octet-stream', 'text/plain']),
};

/** 'accepted', 'dropped' for what gets no answer, or the status of the answer. */
type Outcome = 'accepted' | 'dropped' | number;

const read = (name: string): Buffer =>
  readFileSync(new URL(`./fixtures/torture/${name}.dat`, import.meta.url));

const outcome = (bytes: Buffer): Outcome => {
  const parsed = parseMessage(bytes);
  if ('error' in parsed) return parsed.request === undefined ? 'dropped' : parsed.error.status;
  const { message } = parsed;
  const error = checkMessage(message);
  if (error !== undefined) return message.kind === 'request' ? error.status : 'dropped';
  if (message.kind === 'response') return 'accepted';
  return validateRequest(message, capabilities)?.status ?? 'accepted';
};

const accepted = (name: string): SipMessage => {
  const parsed = parseMessage(read(name));
  if ('error' in parsed) throw parsed.error;
  return parsed.message;
};

const table: readonly (readonly [section: string, name: string, what: string, outcome: Outcome])[] = [
  ['3.1.1.1', 'wsinv', 'a short tortuous INVITE', 'accepted'],
  ['3.1.1.2', 'intmeth', 'wide range of valid characters, unknown method', 501],
  ['3.1.1.3', 'esc01', '% escapes', 'accepted'],
  ['3.1.1.4', 'escnull', 'escaped nulls in URIs', 'accepted'],
  ['3.1.1.5', 'esc02', '% in a method, which is no escape', 501],
  ['3.1.1.6', 'lwsdisp', 'no space between display name and <', 'accepted'],
  ['3.1.1.7', 'longreq', 'long values', 'accepted'],
  ['3.1.1.8', 'dblreq', 'bytes after the message in the datagram', 'accepted'],
  ['3.1.1.9', 'semiuri', 'parameters with semicolons in the user part', 'accepted'],
  ['3.1.1.10', 'transports', 'varied and unknown transports in Via', 'accepted'],
  ['3.1.1.11', 'mpart01', 'multipart MIME with a binary part', 'accepted'],
  ['3.1.1.12', 'unreason', 'unusual reason phrase', 'accepted'],
  ['3.1.1.13', 'noreason', 'empty reason phrase', 'accepted'],
  ['3.1.2.1', 'badinv01', 'extraneous separators', 400],
  ['3.1.2.2', 'clerr', 'Content-Length larger than the body', 400],
  ['3.1.2.3', 'ncl', 'negative Content-Length', 400],
  ['3.1.2.4', 'scalar02', 'a request whose numbers are too large', 400],
  ['3.1.2.5', 'scalarlg', 'a response whose numbers are too large', 'dropped'],
  ['3.1.2.6', 'quotbal', 'unterminated quoted string', 400],
  ['3.1.2.7', 'ltgtruri', 'angle brackets around the Request-URI', 400],
  ['3.1.2.8', 'lwsruri', 'space in the Request-URI', 400],
  ['3.1.2.9', 'lwsstart', 'several spaces in the request line', 400],
  ['3.1.2.10', 'trws', 'spaces after the request line', 400],
  ['3.1.2.11', 'escruri', 'header fields in the Request-URI', 400],
  // The RFC lets those ignore a Date of the wrong time zone who have no use for it.
  ['3.1.2.12', 'baddate', 'time zone other than GMT', 'accepted'],
  ['3.1.2.13', 'regbadct', 'a URI with ? without angle brackets', 400],
  ['3.1.2.14', 'badaspec', 'spaces within a URI', 400],
  ['3.1.2.15', 'baddn', 'a comma in a display name without quotes', 400],
  ['3.1.2.16', 'badvers', 'unknown protocol version', 505],
  ['3.1.2.17', 'mismatch01', 'CSeq of another method', 400],
  ['3.1.2.18', 'mismatch02', 'unknown method with a CSeq of another', 501],
  ['3.1.2.19', 'bigcode', 'overlarge response code', 'dropped'],
  ['3.2.1', 'badbranch', 'no transaction identifier', 400],
  ['3.3.1', 'insuf', 'missing header fields', 400],
  ['3.3.2', 'unkscm', 'Request-URI of an unknown scheme', 416],
  ['3.3.3', 'novelsc', 'Request-URI of a known but atypical scheme', 416],
  // A registrar would refuse the To with 400; as a message it is valid.
  ['3.3.4', 'unksm2', 'unknown schemes in header fields', 'accepted'],
  ['3.3.5', 'bext01', 'unknown extensions required', 420],
  ['3.3.6', 'invut', 'unknown Content-Type', 415],
  ['3.3.7', 'regaut01', 'unknown authorization scheme', 'accepted'],
  ['3.3.8', 'multi01', 'several values of fields that have one', 400],
  ['3.3.9', 'mcl01', 'several Content-Lengths', 400],
  ['3.3.10', 'bcast', 'a response with a second Via, of the broadcast address', 'dropped'],
  // A proxy would answer 483; a user agent takes what has reached it.
  ['3.3.11', 'zeromf', 'Max-Forwards 0', 'accepted'],
  ['3.3.12', 'cparam01', 'a parameter of Contact', 'accepted'],
  ['3.3.13', 'cparam02', 'a parameter of the URI in Contact', 'accepted'],
  ['3.3.14', 'regescrt', 'header fields in a Contact URI', 'accepted'],
  ['3.3.15', 'sdp01', 'no acceptable type for the answer', 406],
  ['3.4.1', 'inv2543', 'INVITE of RFC 2543: no branch, no Max-Forwards', 'accepted'],
];

describe('the torture messages of RFC 4475', () => {
  it.each(table)('%s %s: %s', (_section, name, _what, expected) => {
    expect(outcome(read(name))).toBe(expected);
  });

  it('are all here', () => {
    const files = readdirSync(new URL('./fixtures/torture/', import.meta.url));
    const names = files.filter((file) => file.endsWith('.dat')).map((file) => file.replace('.dat', ''));
    expect(names.toSorted()).toEqual(table.map(([, name]) => name).toSorted());
  });

  it('3.1.1.1: folded lines, compact forms and both kinds of lists are read', () => {
    const { headers, body } = accepted('wsinv');
    expect(headers.all('Via')).toHaveLength(3);
    expect(headers.get('Max-Forwards')).toBe('0068');
    expect(headers.get('CSeq')).toBe('0009 INVITE');
    expect(headers.get('UnknownHeaderWithUnusualValue')).toBe(';;,,;;,;');
    expect(headers.get('Contact')).toMatch(/^"Quoted string \\"\\"" <sip:jdrosen@example.com>/);
    expect(headers.get('Subject')).toBe('');
    expect(body).toHaveLength(150);
  });

  it('3.1.1.2: text that is not ASCII stays what it is', () => {
    const { headers } = accepted('intmeth');
    expect(headers.get("extensionHeader-!.%*+_`'~")).toBe('\ufeff大停電');
  });

  it('3.1.1.5: nothing but URIs is unescaped', () => {
    expect(accepted('esc02')).toMatchObject({ method: 'RE%47IST%45R' });
  });

  it('3.1.1.8: the body ends at Content-Length', () => {
    expect(accepted('dblreq').body).toHaveLength(0);
  });

  it('3.1.1.11: binary bodies stay bytes', () => {
    const { body } = accepted('mpart01');
    expect(body.includes(Buffer.from([0x30, 0x82]))).toBe(true);
  });

  it('3.1.1.13: an empty reason phrase is a phrase', () => {
    expect(accepted('noreason')).toMatchObject({ status: 100, phrase: '' });
  });

  it('3.3.5: the answer says which extensions are not understood, those for proxies aside', () => {
    const parsed = accepted('bext01');
    if (parsed.kind !== 'request') throw new Error('no request');
    expect(validateRequest(parsed, capabilities)?.headers).toEqual([
      ['Unsupported', 'nothingSupportsThis, nothingSupportsThisEither'],
    ]);
  });
});
