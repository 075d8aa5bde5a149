import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { answerOffer } from './answer-offer.ts';
import type { MediaDirection } from './direction.ts';
import { localDirection, withDirection } from './local-direction.ts';
import { makeOffer } from './make-offer.ts';
import { readAnswer } from './read-answer.ts';
import * as offers from './testing/offers.ts';

const ours = { address: '198.51.100.1', port: 20_000, sessionId: '42', version: 1 };
const theirs = { address: '192.0.2.1', port: 5004, sessionId: '7', version: 1 };

describe('our offer', () => {
  it('is one audio stream with the codecs in our order, and digits', () => {
    expect(makeOffer({ ...ours, codecs: ['PCMA', 'PCMU'], direction: 'sendonly' })).toBe(
      [
        'v=0',
        'o=- 42 1 IN IP4 198.51.100.1',
        's=-',
        'c=IN IP4 198.51.100.1',
        't=0 0',
        'm=audio 20000 RTP/AVP 8 0 101',
        'a=rtpmap:8 PCMA/8000',
        'a=rtpmap:0 PCMU/8000',
        'a=rtpmap:101 telephone-event/8000',
        'a=fmtp:101 0-15',
        'a=ptime:20',
        'a=sendonly',
        '',
      ].join('\r\n'),
    );
  });

  it.each(['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const)(
    'with %s and any wish of the other end: both ends agree on who sends',
    (direction) => {
      for (const wanted of ['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const) {
        const offer = makeOffer({ ...ours, direction });
        const { sdp, remote: usAsTheySeeUs } = answerOffer(offer, { ...theirs, direction: wanted });
        const them = readAnswer(offer, sdp);
        const mirrored = {
          sendrecv: 'sendrecv',
          sendonly: 'recvonly',
          recvonly: 'sendonly',
          inactive: 'inactive',
        };
        expect(them.direction).toBe(mirrored[usAsTheySeeUs.direction]);
        expect(them).toMatchObject({ address: '192.0.2.1', port: 5004, codec: 'PCMU', dtmfPayloadType: 101 });
        expect(usAsTheySeeUs).toMatchObject({ address: '198.51.100.1', port: 20_000 });
      }
    },
  );
});

describe('an answer to our offer', () => {
  const offer = makeOffer(ours);
  const answer = answerOffer(offer, theirs).sdp;

  it('may come with several codecs: the first that was offered counts', () => {
    const several = answer.replace('RTP/AVP 0', 'RTP/AVP 18 8 0');
    expect(readAnswer(offer, several).codec).toBe('PCMA');
  });

  it('binds us to hear all of its codecs, under its payload types and ours', () => {
    const several = answer
      .replace('RTP/AVP 0 101', 'RTP/AVP 0 8 97 101 18')
      .concat('a=rtpmap:97 opus/48000/2\r\n');
    expect(readAnswer(offer, several)).toMatchObject({
      codec: 'PCMU',
      payloadType: 0,
      dtmfPayloadType: 101,
      alsoHeard: [
        { codec: 'PCMA', payloadType: 8, dtmfPayloadType: 101 },
        { codec: 'opus', payloadType: 97, dtmfPayloadType: 101 },
        { codec: 'opus', payloadType: 96, dtmfPayloadType: 101 },
      ],
    });
    expect(readAnswer(offer, answer)).not.toHaveProperty('alsoHeard');
  });

  it('binds us to nothing that was not offered', () => {
    const only = makeOffer({ ...ours, codecs: ['PCMU'] });
    expect(readAnswer(only, answer.replace('RTP/AVP 0', 'RTP/AVP 0 8'))).not.toHaveProperty('alsoHeard');
  });

  it('may have its own payload type for digits', () => {
    const own = answer.replaceAll('101', '96');
    expect(readAnswer(offer, own).dtmfPayloadType).toBe(96);
  });

  it('is held to the offer: who was told that we only send is not listened to', () => {
    const onHold = makeOffer({ ...ours, direction: 'sendonly' });
    expect(readAnswer(onHold, answer).direction).toBe('sendonly');
  });

  it('with the address 0.0.0.0 is sent nothing', () => {
    expect(readAnswer(offer, answer.replaceAll('192.0.2.1', '0.0.0.0')).direction).toBe('recvonly');
  });

  it.each<[string, string, string, RegExp]>([
    ['refused', answer.replace('5004', '0'), 'media.no-common-codec', /port is 0/],
    [
      'another codec',
      answer.replace('RTP/AVP 0 101', 'RTP/AVP 18'),
      'media.no-common-codec',
      /none of its formats/,
    ],
    [
      'another address family',
      answer.replaceAll('IP4 192.0.2.1', 'IP6 2001:db8::1'),
      'media.other-family',
      /at an IPv6 address/,
    ],
    ['another profile', answer.replace('RTP/AVP', 'RTP/SAVP'), 'media.bad-sdp', /RTP\/AVP was answered with/],
    ['another kind', answer.replace('m=audio', 'm=video'), 'media.bad-sdp', /answered with "video"/],
    ['a stream too many', `${answer}m=video 0 RTP/AVP 97\r\n`, 'media.bad-sdp', /2 streams where 1/],
    ['nonsense', 'hello', 'media.bad-sdp', /does not begin/],
  ])('is refused: %s', (_, sdp, code, message) => {
    expect(() => readAnswer(offer, sdp)).toThrow(expect.objectContaining({ code }));
    expect(() => readAnswer(offer, sdp)).toThrow(message);
  });

  it('only PCMU offered: PCMA is not taken', () => {
    const only = makeOffer({ ...ours, codecs: ['PCMU'] });
    expect(() => readAnswer(only, answer.replace('AVP 0', 'AVP 8'))).toThrow(
      /none of its formats "8 101" is PCMU/,
    );
  });
});

describe('a change of direction', () => {
  const version = (sdp: string) => /^o=\S+ \S+ (\d+) /m.exec(sdp)?.[1];

  it('holds and takes up again, each time as a new version', () => {
    const offer = makeOffer(ours);
    const held = withDirection(offer, 'sendonly');
    expect(localDirection(held)).toBe('sendonly');
    expect(version(held)).toBe('2');
    const again = withDirection(held, 'sendrecv');
    expect(version(again)).toBe('3');
    expect(withDirection(again, 'sendrecv')).toBe(again);
  });

  it('counts versions that no number can hold', () => {
    const offer = makeOffer({ ...ours, version: '18446744073709551615' });
    expect(version(withDirection(offer, 'inactive'))).toBe('18446744073709551616');
  });

  it('keeps every stream of an answer in its place', () => {
    const directions = fc.constantFrom<MediaDirection>('sendrecv', 'sendonly', 'recvonly', 'inactive');
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(offers.acceptable)),
        directions,
        directions,
        (offer, wanted, next) => {
          const answer = answerOffer(offer, { ...ours, direction: wanted }).sdp;
          const changed = withDirection(answer, next);
          const mLines = (sdp: string) => sdp.split('\r\n').filter((line) => line.startsWith('m='));
          expect(mLines(changed)).toEqual(mLines(answer));
          expect(localDirection(changed)).toBe(next);
          const directionLines = /^a=(sendrecv|sendonly|recvonly|inactive)$/gm;
          expect(changed.match(directionLines)?.length).toBe(1);
        },
      ),
    );
  });

  it('cannot be made where no audio is in use', () => {
    expect(() => withDirection('v=0\r\nm=video 1 RTP/AVP 9\r\n', 'inactive')).toThrow(
      expect.objectContaining({ code: 'media.bad-sdp' }),
    );
  });
});
