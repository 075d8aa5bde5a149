import { describe, expect, it } from '@jest/globals';
import { rawRequest } from '../testing/raw-messages.ts';
import { MAX_HEADERS, MAX_MESSAGE_BYTES } from './limits.ts';
import type { SipMessage, SipRequest } from './message.ts';
import { parseMessage } from './parse-message.ts';
import { isTooLargeForUdp, serializeMessage } from './serialize-message.ts';

const parsed = (text: string): SipMessage => {
  const result = parseMessage(Buffer.from(text));
  if ('error' in result) throw result.error;
  return result.message;
};

const refused = (text: string) => {
  const result = parseMessage(Buffer.from(text));
  if ('message' in result) throw new Error('it was accepted');
  return result;
};

describe('parseMessage', () => {
  it('reads a request', () => {
    const message = parsed('INVITE sip:a@b SIP/2.0\r\nSubject: hi \r\nl: 2\r\n\r\nok');
    expect(message).toMatchObject({ kind: 'request', method: 'INVITE', uri: 'sip:a@b' });
    expect([...message.headers]).toEqual([
      ['Subject', 'hi'],
      ['l', '2'],
    ]);
    expect(message.body.toString()).toBe('ok');
  });

  it.each([
    ['SIP/2.0 180 Ringing', 180, 'Ringing'],
    ['sip/2.0 200 ', 200, ''],
    ['SIP/2.0 486', 486, ''],
    ['SIP/2.0 699 Not: usual, at all', 699, 'Not: usual, at all'],
  ])('reads the status line %j', (line, status, phrase) => {
    expect(parsed(`${line}\r\n\r\n`)).toMatchObject({ kind: 'response', status, phrase });
  });

  it('takes the rest of a datagram for the body when no length is said', () => {
    expect(parsed('SIP/2.0 200 OK\r\n\r\nall of it').body.toString()).toBe('all of it');
  });

  it('joins folded lines and skips empty ones before the start line', () => {
    const { headers } = parsed('\r\n\r\nSIP/2.0 200 OK\r\nSubject: one\r\n\t two\r\n three\r\n\r\n');
    expect(headers.get('Subject')).toBe('one two three');
  });

  it.each([
    ['nothing', '', 'head'],
    ['no end of the head', 'SIP/2.0 200 OK\r\nTo: a\r\n', 'head'],
    ['a start line that is none', 'HELO example.com\r\n\r\n', 'start line'],
    ['a status too small', 'SIP/2.0 099 OK\r\n\r\n', 'start line'],
    ['a status too large', 'SIP/2.0 700 OK\r\n\r\n', 'start line'],
    ['a field without colon', 'SIP/2.0 200 OK\r\nTo\r\n\r\n', 'head'],
    ['a field without name', 'SIP/2.0 200 OK\r\n: a\r\n\r\n', 'head'],
    ['a name with a space', 'SIP/2.0 200 OK\r\nCall ID: a\r\n\r\n', 'head'],
    ['a bare line feed', 'SIP/2.0 200 OK\r\nTo: a\nVia: b\r\n\r\n', 'head'],
    ['a bare carriage return', 'SIP/2.0 200 OK\r\nTo: a\rVia: b\r\n\r\n', 'head'],
    ['two lengths', 'SIP/2.0 200 OK\r\nl: 0\r\nContent-Length: 0\r\n\r\n', 'Content-Length'],
    ['a length that is none', 'SIP/2.0 200 OK\r\nl: 0x1\r\n\r\na', 'Content-Length'],
    ['a length too large', 'SIP/2.0 200 OK\r\nl: 2\r\n\r\na', 'Content-Length'],
    ['a field too long', `SIP/2.0 200 OK\r\nTo: ${'a'.repeat(8_200)}\r\n\r\n`, 'head'],
    ['a start line too long', `INVITE sip:${'a'.repeat(8_200)} SIP/2.0\r\n\r\n`, 'start line'],
    ['a head too long', `SIP/2.0 200 OK\r\n${`X: ${'a'.repeat(8_000)}\r\n`.repeat(5)}\r\n`, 'head'],
    ['too many fields', `SIP/2.0 200 OK\r\n${'X: a\r\n'.repeat(MAX_HEADERS + 1)}\r\n`, 'head'],
  ])('refuses %s', (_, text, where) => {
    expect(refused(text).error).toMatchObject({ code: 'sip.malformed', status: 400, params: { where } });
  });

  it('refuses a message that is too long', () => {
    const { error } = refused('x'.repeat(MAX_MESSAGE_BYTES + 1));
    expect(error).toMatchObject({ code: 'sip.message-too-large', status: 513 });
  });

  it('keeps what it can of a malformed request, so that it can be answered', () => {
    const { error, request } = refused(
      'INVITE sip:a b SIP/2.0 \r\nVia: x\r\nnonsense\r\nTo: y\r\nl: 9\r\n\r\n',
    );
    expect(error.message).toContain('"nonsense" is no header field');
    expect(request).toMatchObject({ method: 'INVITE', uri: 'sip:a b' });
    expect([request?.headers.get('Via'), request?.headers.get('To')]).toEqual(['x', 'y']);
  });

  it('tells another version of SIP from what is no SIP', () => {
    const { error, request } = refused('INVITE sip:a@b SIP/3.0\r\nVia: x\r\n\r\n');
    expect(error).toMatchObject({ code: 'sip.version-not-supported', status: 505 });
    expect(request?.method).toBe('INVITE');
    expect(refused('GET / HTTP/1.1\r\n\r\n').request).toBeUndefined();
  });

  it('shows no control characters and no more than a line in its refusals', () => {
    const { error } = refused(`\u001b[2J\0${'x'.repeat(500)}\r\n\r\n`);
    expect(error.message).toMatch(/^\P{Cc}{1,250}$/u);
  });
});

describe('serializeMessage', () => {
  it('writes a request, and counts the bytes of its body', () => {
    const request = parsed('INVITE sip:a@b SIP/2.0\r\nl: 4\r\nTo: José\r\n\r\nsdp!');
    const written = serializeMessage({ ...request, body: Buffer.from('é') }).toString();
    expect(written).toBe('INVITE sip:a@b SIP/2.0\r\nTo: José\r\nContent-Length: 2\r\n\r\né');
  });

  it('writes a response', () => {
    const written = serializeMessage(parsed('SIP/2.0 200 \r\nTo: a\r\n\r\n')).toString();
    expect(written).toBe('SIP/2.0 200 \r\nTo: a\r\nContent-Length: 0\r\n\r\n');
  });
});

describe('isTooLargeForUdp', () => {
  it.each([
    [1_300, false],
    [1_301, true],
  ])('of a request of %i bytes is %s', (length, expected) => {
    // A body of 1,000 bytes first, so that Content-Length has its four digits.
    const rest = rawRequest({ body: 'x'.repeat(1_000) }).length - 1_000;
    const result = parseMessage(rawRequest({ body: 'x'.repeat(length - rest) }));
    if ('error' in result) throw result.error;
    expect(isTooLargeForUdp(result.message as SipRequest)).toBe(expected);
  });
});
