import { describe, expect, it } from '@jest/globals';
import { HeaderFields } from '../message/header-fields.ts';
import type { SipRequest } from '../message/message.ts';
import { validateRequest } from './validate-request.ts';

const capabilities = {
  methods: new Set(['INVITE', 'ACK', 'CANCEL', 'BYE', 'INFO', 'UPDATE']),
  extensions: new Set(['100rel', 'timer']),
  contentTypes: new Set(['application/sdp', 'application/dtmf-relay']),
};

interface Parts {
  readonly method?: string;
  readonly uri?: string;
  readonly cseq?: string;
  readonly fields?: Record<string, string>;
  readonly body?: string;
}

const refusal = ({ method = 'INVITE', uri = 'sip:a@b', cseq, fields = {}, body = '' }: Parts) => {
  const headers = new HeaderFields()
    .append('CSeq', cseq ?? `1 ${method}`)
    .append('Via', 'SIP/2.0/UDP a;branch=z9hG4bK1')
    .append('To', '<sip:a@b>');
  if (fields.Contact === undefined) headers.append('Contact', '<sip:c@d>');
  for (const [name, value] of Object.entries(fields)) headers.append(name, value);
  const request: SipRequest = { kind: 'request', method, uri, headers, body: Buffer.from(body) };
  return validateRequest(request, capabilities);
};

const sdp = { body: 'v=0', fields: { 'Content-Type': 'application/sdp' } };

describe('validateRequest', () => {
  it.each<[string, Parts]>([
    ['a usual INVITE', sdp],
    ['a telephone number', { uri: 'tel:+15550100' }],
    ['known extensions', { fields: { Require: 'TIMER, 100rel' } }],
    ['a media type with parameters', { body: 'v=0', fields: { 'Content-Type': 'Application / SDP; a=b' } }],
    [
      'a body that may be ignored',
      { body: 'x', fields: { 'Content-Disposition': 'icon ; Handling = optional' } },
    ],
    ['an identity coding', { ...sdp, fields: { ...sdp.fields, 'Content-Encoding': 'identity' } }],
    ['SDP among other things accepted', { fields: { Accept: 'text/plain, application/sdp;level=1' } }],
    ['everything accepted', { fields: { Accept: '*/*' } }],
    ['all applications accepted', { fields: { Accept: 'application/*;q=0.5' } }],
    ['Require in a CANCEL', { method: 'CANCEL', fields: { Require: 'unknown' } }],
    ['Proxy-Require, which is not for us', { fields: { 'Proxy-Require': 'unknown' } }],
    [
      'a BYE with a body of an unknown type',
      { method: 'BYE', body: 'x', fields: { 'Content-Type': 'application/vnd.cirpack.isdn-ext' } },
    ],
    ['a BYE with a compressed body', { method: 'BYE', body: 'x', fields: { 'Content-Encoding': 'gzip' } }],
    ['a CANCEL with a body of no type', { method: 'CANCEL', body: 'x' }],
    ['odd Accept where no SDP is answered', { method: 'BYE', fields: { Accept: 'text/plain' } }],
  ])('lets through: %s', (_, parts) => {
    expect(refusal(parts)).toBeUndefined();
  });

  it.each<[number, string, Parts, [string, string][]]>([
    [
      405,
      'a known method that is not served',
      { method: 'PUBLISH' },
      [['Allow', 'INVITE, ACK, CANCEL, BYE, INFO, UPDATE']],
    ],
    [501, 'an unknown method', { method: 'invite' }, [['Allow', 'INVITE, ACK, CANCEL, BYE, INFO, UPDATE']]],
    [400, 'a CSeq of another method', { cseq: '1 BYE' }, []],
    [416, 'a URI of an unknown scheme', { uri: 'urn:service:sos' }, []],
    [420, 'unknown extensions', { fields: { Require: 'timer, a, b' } }, [['Unsupported', 'a, b']]],
    [400, 'a body of no type', { body: 'x' }, []],
    [
      415,
      'a body of an unknown type',
      { body: 'x', fields: { 'Content-Type': 'text/plain' } },
      [['Accept', 'application/sdp, application/dtmf-relay, multipart/mixed']],
    ],
    [
      415,
      'a compressed body',
      { ...sdp, fields: { ...sdp.fields, 'Content-Encoding': 'gzip' } },
      [['Accept-Encoding', 'identity']],
    ],
    [400, 'a Contact for REGISTER', { fields: { Contact: '*' } }, []],
    [400, 'two Contacts', { fields: { Contact: '<sip:a@b>, <sip:c@d>' } }, []],
    [400, 'an empty Contact', { fields: { Contact: '' } }, []],
    [400, 'an UPDATE that moves its sender nowhere', { method: 'UPDATE', fields: { Contact: '*' } }, []],
    [406, 'SDP that is not accepted', { fields: { Accept: 'text/plain' } }, []],
  ])('answers %i to %s', (status, _, parts, headers) => {
    expect(refusal(parts)).toMatchObject({ status, headers });
  });
});
