import { describe, expect, it } from '@jest/globals';
import { answerOffer } from './answer-offer.ts';
import { makeOffer } from './make-offer.ts';
import { readAnswer } from './read-answer.ts';
import { renewOffer } from './renew-offer.ts';

const ours = { address: '198.51.100.1', port: 20_000, sessionId: '42', version: 1 };
const next = { ...ours, version: 2 };
const theirs = { address: '192.0.2.1', port: 5004, sessionId: '7', version: 1 };

const offerOf = (...media: string[]): string =>
  ['v=0', 'o=- 7 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', ...media, ''].join('\r\n');

describe('an offer in a session that stands', () => {
  it('says all that we are willing to do, although less was agreed on', () => {
    const held = answerOffer(offerOf('m=audio 5004 RTP/AVP 8', 'a=sendonly'), ours).sdp;
    expect(held).toContain('a=recvonly');
    const renewed = renewOffer(held, next, { codecs: ['PCMA'] });
    expect(renewed).toMatch(/^m=audio 20000 RTP\/AVP 8 (?=.*\b0\b)(?=.*\b9\b)(?=.*\b96\b)(?=.*\b101\b)/m);
    expect(renewed).toContain('a=sendrecv');
    expect(renewed).toContain('o=- 42 2 IN IP4 198.51.100.1');
  });

  it('is ours as at the beginning, but for its version, where all of it was agreed on', () => {
    expect(renewOffer(makeOffer(ours), next)).toBe(makeOffer(next));
  });

  it('keeps streams in their places, and refused ones refused', () => {
    const answer = answerOffer(offerOf('m=video 6000 RTP/AVP 31', 'm=audio 5004 RTP/AVP 0'), ours).sdp;
    const renewed = renewOffer(answer, next);
    expect(renewed.match(/^m=\S+ \d+/gm)).toEqual(['m=video 0', 'm=audio 20000']);
    const remote = readAnswer(
      renewed,
      offerOf('m=video 0 RTP/AVP 31', 'm=audio 5008 RTP/AVP 8', 'a=rtpmap:8 PCMA/8000'),
    );
    expect(remote).toMatchObject({ port: 5008, codec: 'PCMA', direction: 'sendrecv' });
  });

  it('gives no payload type another meaning', () => {
    const peer = offerOf(
      'm=audio 5004 RTP/AVP 111 96 102',
      'a=rtpmap:111 opus/48000/2',
      'a=rtpmap:96 telephone-event/48000',
      'a=rtpmap:102 telephone-event/8000',
    );
    const renewed = renewOffer(answerOffer(peer, ours).sdp, next);
    expect(renewed).toContain('a=rtpmap:111 opus/48000/2');
    expect(renewed).toContain('a=rtpmap:96 telephone-event/48000');
    const types = /^m=audio \d+ RTP\/AVP (.*)$/m.exec(renewed.replaceAll('\r', ''))![1]!.split(' ');
    expect(new Set(types).size).toBe(types.length);
    expect(answerOffer(renewed, theirs, { codecs: ['opus'] }).remote.payloadType).toBe(111);
  });

  it('is none of a description without audio', () => {
    expect(() => renewOffer(offerOf('m=audio 0 RTP/AVP 0'), next)).toThrow('has no audio');
  });
});
