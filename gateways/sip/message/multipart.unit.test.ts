import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { validateRequest } from '../dialog/validate-request.ts';
import { HeaderFields } from './header-fields.ts';
import { MAX_BODY_PARTS } from './limits.ts';
import type { SipRequest } from './message.ts';
import { sdpOf } from './message-fields.ts';
import { partsOf } from './multipart.ts';

const capabilities = {
  methods: new Set(['INVITE']),
  extensions: new Set<string>(),
  contentTypes: new Set(['application/sdp', 'application/dtmf']),
};

const MIXED = 'multipart/mixed; boundary=next';

/** A part: its fields, an empty line, its text. */
const part = (fields: readonly string[], text: string): string => [...fields, '', text].join('\r\n');

const SDP = part(['Content-Type: application/sdp'], 'v=0\r\ns=é');
const ISUP = [
  'Content-Type: application/isup;version=itu-t92+',
  'Content-Disposition: signal;handling=optional',
];
const LOCATION = ['Content-Type: application/pidf+xml'];

const bodyOf = (parts: readonly string[], boundary = 'next'): string =>
  `${parts.map((one) => `--${boundary}\r\n${one}\r\n`).join('')}--${boundary}--\r\n`;

const invite = (body: string | readonly string[], contentType = MIXED): SipRequest => ({
  kind: 'request',
  method: 'INVITE',
  uri: 'sip:a@b',
  headers: new HeaderFields()
    .append('Via', 'SIP/2.0/UDP a;branch=z9hG4bK1')
    .append('To', '<sip:a@b>')
    .append('Contact', '<sip:c@d>')
    .append('CSeq', '1 INVITE')
    .append('Content-Type', contentType),
  body: Buffer.from(typeof body === 'string' ? body : bodyOf(body)),
});

const status = (request: SipRequest): number => validateRequest(request, capabilities)?.status ?? 200;

describe('an INVITE with a body of several parts', () => {
  it.each([
    ['SDP alone', [SDP]],
    ['what may be left alone after it', [SDP, part(ISUP, 'x')]],
    ['what may be left alone before it', [part(ISUP, '\x01\r\n--nex\r\n\xff'), SDP]],
    [
      'what is there to be referred to',
      [part([...LOCATION, 'Content-Disposition: by-reference', 'Content-ID: <a@b>'], '<x/>'), SDP],
    ],
    ['fields that are folded, and odd cases', [part(['content-TYPE:\r\n application/SDP'], 'v=0\r\ns=é')]],
  ])('is understood with %s', (_what, parts) => {
    expect(status(invite(parts))).toBe(200);
    expect(sdpOf(invite(parts))).toBe('v=0\r\ns=é');
  });

  it.each([
    ['a part of an unknown type', [SDP, part(LOCATION, '<x/>')]],
    ['a part of no type', [SDP, part([], 'hello')]],
    [
      'a part of an unknown type that is required',
      [SDP, part([...LOCATION, 'Content-Disposition: render; handling=required'], '')],
    ],
    [
      'SDP that is not written as it is',
      [part(['Content-Type: application/sdp', 'Content-Transfer-Encoding: base64'], 'dj0w')],
    ],
    [
      'SDP of an early session',
      [SDP, part(['Content-Type: application/sdp', 'Content-Disposition: early-session'], 'v=0')],
    ],
  ])('is refused with 415 with %s', (_what, parts) => {
    expect(status(invite(parts))).toBe(415);
    expect(validateRequest(invite(parts), capabilities)?.headers).toEqual([
      ['Accept', 'application/sdp, application/dtmf, multipart/mixed'],
    ]);
  });

  it('asks for an offer where no part is SDP', () => {
    const parts = [part(ISUP, 'x')];
    expect([status(invite(parts)), sdpOf(invite(parts))]).toEqual([200, undefined]);
  });

  it('has the SDP of the session, and of two the first', () => {
    const early = part(
      ['Content-Type: application/sdp', 'Content-Disposition: early-session;handling=optional'],
      'v=1',
    );
    const other = part(['Content-Type: application/sdp'], 'v=2');
    expect(sdpOf(invite([early, SDP, other]))).toBe('v=0\r\ns=é');
  });

  it('may offer alternatives, of which the last that is understood is taken', () => {
    const alternatives = [part(LOCATION, '<x/>'), SDP, part(['Content-Type: application/sdpng'], 'x')];
    const request = invite(alternatives, 'multipart/alternative;boundary="next"');
    expect([status(request), sdpOf(request)]).toEqual([200, 'v=0\r\ns=é']);
    const none = invite([part(LOCATION, '<x/>')], 'multipart/alternative;boundary="next"');
    expect(status(none)).toBe(415);
  });

  it('may have parts within parts', () => {
    const inner = part(['Content-Type: multipart/mixed;boundary=in'], bodyOf([SDP, part(ISUP, 'x')], 'in'));
    expect(status(invite([inner]))).toBe(200);
    expect(sdpOf(invite([inner, part(ISUP, 'x')]))).toBe('v=0\r\ns=é');
    const unknown = part(
      ['Content-Type: multipart/mixed;boundary=in'],
      bodyOf([SDP, part(LOCATION, 'x')], 'in'),
    );
    expect(status(invite([unknown]))).toBe(415);
  });

  it('may come with bare line feeds, text around its parts, and without its end', () => {
    expect(sdpOf(invite('before\n--next  \nContent-Type: application/sdp\n\nv=0'))).toBe('v=0');
    expect(sdpOf(invite(`${bodyOf([SDP])}--next\r\nafter`))).toBe('v=0\r\ns=é');
  });

  const nested = (depth: number): string =>
    depth === 0
      ? SDP
      : part([`Content-Type: multipart/mixed;boundary=b${depth}`], bodyOf([nested(depth - 1)], `b${depth}`));

  it.each([
    ['no boundary', invite([SDP], 'multipart/mixed')],
    ['an impossible boundary', invite([SDP], 'multipart/mixed;boundary="a<b"')],
    ['no part', invite('nothing')],
    ['only its end', invite('--next--')],
    ['a line in a part that is no field', invite([part(['Content-Type'], 'v=0')])],
    ['more parts than are read', invite(Array(MAX_BODY_PARTS + 1).fill(SDP))],
    ['parts too deep', invite([nested(3)])],
  ])('is refused with 400 with %s', (_what, request) => {
    expect(status(request)).toBe(400);
    expect(sdpOf(request)).toBeUndefined();
  });

  it('never makes the reader fail otherwise', () => {
    const piece = fc.constantFrom(
      '--next',
      '--',
      '\r\n',
      '\n',
      'Content-Type:',
      'multipart/mixed',
      ';boundary=next',
      ' ',
      'x',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        try {
          partsOf(MIXED, Buffer.from(pieces.join('')));
        } catch (error) {
          expect(error).toMatchObject({ code: 'sip.malformed' });
        }
      }),
    );
  });
});
