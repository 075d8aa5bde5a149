import { describe, expect, it } from '@jest/globals';
import { buildRequest } from '../message/build-message.ts';
import { requestKey } from './transaction-key.ts';

const request = (method: string, via: string, changes: { to?: string; sequence?: number } = {}) =>
  buildRequest(method, 'sip:1@192.0.2.1', [
    ['Via', via],
    ['From', '<sip:a@b>;tag=1'],
    ['To', changes.to ?? '<sip:c@d>'],
    ['Call-ID', 'x'],
    ['CSeq', `${changes.sequence ?? 1} ${method}`],
  ]);

describe('A request belongs to a transaction', () => {
  const via = 'SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKabc;rport=5060';
  const invite = requestKey(request('INVITE', via));

  it('by branch, sent-by and method', () => {
    expect(requestKey(request('INVITE', via.toLowerCase().replace('z9hg4bkabc', 'z9hG4bKabc')))).toBe(invite);
    expect(requestKey(request('INVITE', via.replace('abc', 'abd')))).not.toBe(invite);
    expect(requestKey(request('INVITE', via.replace(':5060', ':5061')))).not.toBe(invite);
    expect(requestKey(request('CANCEL', via))).not.toBe(invite);
  });

  it('when it is the ACK to its refusal, or its CANCEL', () => {
    expect(requestKey(request('ACK', via, { to: '<sip:c@d>;tag=2' }))).toBe(invite);
    expect(requestKey(request('CANCEL', via), 'INVITE')).toBe(invite);
  });

  it('by all that RFC 2543 names when its branch has no cookie', () => {
    const old = 'SIP/2.0/UDP 192.0.2.2';
    const key = requestKey(request('INVITE', old));
    expect(requestKey(request('ACK', old, { to: '<sip:c@d>;tag=2' }))).toBe(key);
    expect(requestKey(request('INVITE', old, { sequence: 2 }))).not.toBe(key);
    expect(requestKey(request('INVITE', `${old};branch=1`))).not.toBe(key);
  });
});
