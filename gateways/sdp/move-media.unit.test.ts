import { describe, expect, it } from '@jest/globals';
import { answerOffer } from './answer-offer.ts';
import { makeOffer } from './make-offer.ts';
import { movedTo, originOf } from './move-media.ts';

const ours = { address: '192.0.2.1', port: 20_000, sessionId: '42', version: 3 };
const theirs = [
  'v=0',
  'o=- 1 1 IN IP4 192.0.2.9',
  's=-',
  'c=IN IP4 192.0.2.9',
  't=0 0',
  'm=video 5002 RTP/AVP 96',
  'm=audio 5004 RTP/AVP 0 101',
  'a=sendonly',
].join('\r\n');

describe('a description of ours at other ports', () => {
  it.each([
    ['an offer', makeOffer, '198.51.100.1'],
    ['an answer', (at: typeof ours) => answerOffer(theirs, at).sdp, '198.51.100.1'],
    ['an offer in IPv6', makeOffer, '2001:db8::1'],
  ] as const)('is %s that was made there, one version later', (_name, make, address) => {
    const there = make({ ...ours, address, port: 20_002, version: 4 });
    expect(movedTo(make(ours), address, 20_002)).toBe(there);
  });

  it('is the same where it was before', () => {
    const offer = makeOffer(ours);
    expect(movedTo(offer, ours.address, ours.port)).toBe(offer);
  });

  it('says of which session it is, and which version', () => {
    expect(originOf(makeOffer(ours))).toEqual({ sessionId: '42', version: 3 });
    expect(() => originOf('v=0')).toThrow('o= line');
  });
});
