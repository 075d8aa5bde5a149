import { describe, expect, it } from '@jest/globals';
import { checkMessage } from './check-message.ts';
import type { SipMessage } from './message.ts';
import { parseMessage } from './parse-message.ts';

const USUAL: Record<string, string> = {
  Via: 'SIP/2.0/UDP a;branch=z9hG4bK1',
  From: '<sip:a@b>;tag=1',
  To: '<sip:b@c>',
  'Call-ID': '1@a',
  CSeq: '1 INVITE',
};

/** A message with the usual header fields, but for those given; `undefined` leaves a field out. */
const message = (startLine: string, changes: Record<string, string | undefined>): SipMessage => {
  const fields = Object.entries({ ...USUAL, ...changes }).filter(([, value]) => value !== undefined);
  const lines = [startLine, ...fields.map(([name, value]) => `${name}: ${value}`)];
  const parsed = parseMessage(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`));
  if ('error' in parsed) throw parsed.error;
  return parsed.message;
};

const request = (changes: Record<string, string | undefined> = {}, uri = 'sip:a@b'): SipMessage =>
  message(`INVITE ${uri} SIP/2.0`, changes);

describe('checkMessage', () => {
  it('has nothing to say about a usual request or response', () => {
    expect(checkMessage(request())).toBeUndefined();
    expect(checkMessage(message('SIP/2.0 200 OK', {}))).toBeUndefined();
  });

  it.each(['Via', 'From', 'To', 'Call-ID', 'CSeq'])('misses %s in requests and responses', (name) => {
    for (const one of [request({ [name]: undefined }), message('SIP/2.0 200 OK', { [name]: undefined })]) {
      expect(checkMessage(one)).toMatchObject({ params: { what: 'it is missing', where: name } });
    }
  });

  it.each([
    ['f', 'sip:c@d', 'From'],
    ['t', 'sip:c@d', 'To'],
    ['i', '2', 'Call-ID'],
    ['cseq', '2 INVITE', 'CSeq'],
  ])('refuses a second %s', (name, value, where) => {
    expect(checkMessage(request({ [name]: value }))?.params).toEqual({
      what: 'it is there more than once',
      where,
    });
  });

  it.each([
    ['Via', 'SIP/2.0/UDP', 'Via'],
    ['Via', '', 'Via'],
    ['v', 'nonsense', 'Via'],
    ['Via', 'SIP/2.0/UDP a;branch=Z9HG4BK', 'Via'],
    ['From', '', 'From'],
    ['To', 'nobody', 'To'],
    ['Call-ID', '', 'Call-ID'],
    ['Call-ID', 'a b', 'Call-ID'],
    ['CSeq', 'INVITE', 'CSeq'],
    ['CSeq', '-1 INVITE', 'CSeq'],
    ['CSeq', '2147483648 INVITE', 'CSeq'],
    ['Max-Forwards', '256', 'Max-Forwards'],
    ['Max-Forwards', '1.5', 'Max-Forwards'],
    ['Contact', '<sip:a@b>, *b', 'Contact'],
    ['Record-Route', '<sip:a b>', 'Record-Route'],
  ])('refuses %s: %s', (name, value, where) => {
    expect(checkMessage(request({ [name]: value }))).toMatchObject({
      code: 'sip.malformed',
      params: { where },
    });
  });

  it.each([
    ['CSeq', '2147483647 INVITE'],
    ['CSeq', '0001 INVITE'],
    ['Max-Forwards', '0'],
    ['Contact', '*'],
    ['Contact', '"A, B" <sip:a@b>;q=0.1, sip:c@d'],
    ['Session-Expires', '1800;refresher=uas'],
    ['Via', 'SIP/2.0/UDP a, SIP/2.0/TCP b:5070;branch=1'],
    ['To', '<urn:service:sos>'],
    ['X-Unknown', '";;,<'],
  ])('lets %s: %s through', (name, value) => {
    expect(checkMessage(request({ [name]: value }))).toBeUndefined();
  });

  it.each(['sip:a@b?Route=c', 'sip:a@[::1', '<sip:a@b>', 'example.com'])(
    'refuses the Request-URI %s',
    (uri) => {
      expect(checkMessage(request({}, uri))).toMatchObject({ params: { where: 'Request-URI' } });
    },
  );

  it('refuses a response with a Via besides our own', () => {
    const response = message('SIP/2.0 200 OK', { Via: 'SIP/2.0/UDP a, SIP/2.0/UDP b' });
    expect(checkMessage(response)).toMatchObject({ params: { where: 'Via' } });
  });

  it.each([
    ['Route', '<sip:a@b;lr>,', 'Route'],
    ['P-Asserted-Identity', 'Bell, A <sip:a@b>', 'P-Asserted-Identity'],
    ['P-Asserted-Identity', '"A" <sip:a@b', 'P-Asserted-Identity'],
    ['r', '<>', 'Refer-To'],
    ['b', '<>', 'Referred-By'],
    ['c', ';charset=a', 'Content-Type'],
    ['x', '', 'Session-Expires'],
    ['Min-SE', '90\r\nMin-SE: 120', 'Min-SE'],
  ])('ignores %s: %s, which no call needs (RFC 3261, 8.2.2)', (name, value, where) => {
    const ignored: string[] = [];
    const message = request({ [name]: value });
    expect(checkMessage(message, (field) => ignored.push(field))).toBeUndefined();
    expect(ignored).toEqual([where]);
    expect(message.headers.has(where)).toBe(false);
  });

  it('judges Contact and Record-Route where they say where the peer is, and nowhere else', () => {
    const broken = { Contact: '<sip:a b>', 'Record-Route': '<sip:a b>' };
    expect(checkMessage(request(broken))).toMatchObject({ code: 'sip.malformed' });
    const bye = message('BYE sip:a@b SIP/2.0', { ...broken, CSeq: '2 BYE' });
    expect(checkMessage(bye)).toBeUndefined();
    const answer = message('SIP/2.0 200 OK', broken);
    expect(checkMessage(answer)).toBeUndefined();
    expect(answer.headers.has('Record-Route')).toBe(false);
  });

  it('refuses lists without end', () => {
    const routes = Array(129).fill('<sip:a;lr>').join(',');
    expect(checkMessage(request({ 'Record-Route': routes }))?.params.what).toBe(
      'it has more than 128 values',
    );
  });
});
