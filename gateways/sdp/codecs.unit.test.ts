import { describe, expect, it } from '@jest/globals';
import { parse } from 'sdp-transform';
import type { CodecName } from '../audio/codecs/codec.ts';
import { agreedMedia, commonCodecs } from './agreed-media.ts';
import { answerOffer } from './answer-offer.ts';
import { makeOffer } from './make-offer.ts';
import { readAnswer } from './read-answer.ts';
import { renewOffer } from './renew-offer.ts';
import * as offers from './testing/offers.ts';

const ours = { address: '198.51.100.1', port: 20_000, sessionId: '42', version: 1 };
const theirs = { address: '192.0.2.1', port: 5004, sessionId: '7', version: 1 };

const mLine = (sdp: string) => /^m=.*$/m.exec(sdp)?.[0];

describe('codecs in an offer of ours', () => {
  it('are all that we have, each with what a peer must know of it', () => {
    const offer = makeOffer(ours);
    expect(mLine(offer)).toBe('m=audio 20000 RTP/AVP 0 8 9 96 101 102');
    const [audio] = parse(offer).media;
    expect(audio!.rtp).toEqual([
      { payload: 0, codec: 'PCMU', rate: 8000 },
      { payload: 8, codec: 'PCMA', rate: 8000 },
      { payload: 9, codec: 'G722', rate: 8000 },
      { payload: 96, codec: 'opus', rate: 48_000, encoding: 2 },
      { payload: 101, codec: 'telephone-event', rate: 8000 },
      { payload: 102, codec: 'telephone-event', rate: 48_000 },
    ]);
    expect(audio!.fmtp).toContainEqual({ payload: 96, config: 'useinbandfec=1' });
  });

  it.each<[CodecName[] | undefined, CodecName[] | undefined, string]>([
    [['PCMA', 'PCMU'], undefined, '8 0 101'],
    [['opus'], undefined, '96 102'],
    [['PCMU', 'PCMA', 'G722', 'opus'], ['opus'], '96 0 8 9 101 102'],
    [['PCMU', 'PCMA', 'G722', 'opus'], ['G722', 'PCMA'], '9 8 0 96 101 102'],
    // What we may not use is not offered for all the wishes.
    [['PCMU', 'PCMA'], ['opus', 'PCMA'], '8 0 101'],
    [['PCMU'], [], '0 101'],
  ])('%j with the wish for %j are %s', (codecs, wish, formats) => {
    expect(mLine(makeOffer({ ...ours, codecs }, { codecs: wish }))).toBe(`m=audio 20000 RTP/AVP ${formats}`);
  });
});

describe('the codec of our answer', () => {
  const offer = makeOffer({ ...theirs, codecs: ['G722', 'PCMA', 'opus', 'PCMU'] });

  it.each<[string, CodecName[] | undefined, CodecName[] | undefined, CodecName]>([
    ['the first that the peer wants', undefined, undefined, 'G722'],
    ['the first that the peer wants of those that we may use', ['PCMU', 'PCMA'], undefined, 'PCMA'],
    ['the first of the wish', undefined, ['opus', 'PCMU'], 'opus'],
    ['the next of the wish when the first is not ours', ['PCMU', 'PCMA'], ['opus', 'PCMU'], 'PCMU'],
    ['the peer’s when the wish is for nothing that we have', ['PCMU', 'PCMA'], ['opus'], 'PCMA'],
  ])('is %s', (_, codecs, wish, chosen) => {
    const { sdp, remote } = answerOffer(offer, { ...ours, codecs }, { codecs: wish });
    expect(remote.codec).toBe(chosen);
    // One codec, and events at its clock rate.
    const [audio] = parse(sdp).media;
    const names = audio!.rtp.map(({ codec, rate }) => `${codec}/${rate}`);
    const clockRate = chosen === 'opus' ? 48_000 : 8000;
    expect(names).toEqual([`${chosen}/${clockRate}`, `telephone-event/${clockRate}`]);
    expect(remote.dtmfPayloadType).toBe(chosen === 'opus' ? 102 : 101);
    // Whatever was wished for, both descriptions tell what was agreed.
    expect(agreedMedia(offer, sdp)).toEqual(remote);
    expect(readAnswer(offer, sdp)).toMatchObject({
      codec: chosen,
      payloadType: remote.payloadType,
      dtmfPayloadType: remote.dtmfPayloadType,
    });
  });

  it('is Opus by any name, with two channels and 48 kHz, and nothing else that is called so', () => {
    const offered = (rtpmap: string) =>
      `${offers.oldGateway}a=rtpmap:96 ${rtpmap}\r\n`.replace('AVP', 'AVP 96');
    expect(answerOffer(offered('OPUS/48000/2'), ours).remote).toMatchObject({
      codec: 'opus',
      payloadType: 96,
    });
    expect(answerOffer(offered('opus/48000'), ours).remote.codec).toBe('PCMU');
    expect(answerOffer(offered('opus/16000/2'), ours).remote.codec).toBe('PCMU');
    expect(answerOffer(offered('G722/16000'), ours).remote.codec).toBe('PCMU');
  });

  it('has events of 8000 Hz beside Opus where the peer has no others', () => {
    const mixed = makeOffer({ ...theirs, codecs: ['opus'] }).replaceAll(
      'telephone-event/48000',
      'telephone-event/8000',
    );
    const { sdp, remote } = answerOffer(mixed, ours);
    expect(remote).toMatchObject({ dtmfPayloadType: 102, dtmfClockRate: 8000 });
    expect(mLine(sdp)).toBe('m=audio 20000 RTP/AVP 96 102');
    expect(sdp).toContain('a=rtpmap:102 telephone-event/8000');
    // An answer to our own offer, which has both, may leave the better one out.
    const answer = readAnswer(makeOffer({ ...ours, codecs: ['opus', 'PCMU'] }), sdp.replaceAll('102', '101'));
    expect(answer).toMatchObject({ codec: 'opus', dtmfPayloadType: 101, dtmfClockRate: 8000 });
    // Another offer of ours in that session gives the payload type no second meaning.
    const renewed = renewOffer(sdp, { ...ours, version: 2 });
    expect(renewed.match(/a=rtpmap:102 .*/g)).toEqual(['a=rtpmap:102 telephone-event/8000']);
    expect(renewed).toMatch(/a=rtpmap:(?!102)\d+ telephone-event\/48000/);
  });

  it.each([
    ['opus', '110', { dtmfPayloadType: 110, otherEvents: [{ payloadType: 101, clockRate: 8000 }] }],
    ['PCMU', '101', { dtmfPayloadType: 101, otherEvents: [{ payloadType: 110, clockRate: 48_000 }] }],
  ] as const)('has events of the clock of %s, and hears those of the other clock', (codec, type, events) => {
    const offer = [
      'v=0',
      'o=- 1 1 IN IP4 192.0.2.1',
      's=-',
      'c=IN IP4 192.0.2.1',
      't=0 0',
      'm=audio 5004 RTP/AVP 96 0 101 110',
      'a=rtpmap:96 opus/48000/2',
      'a=rtpmap:101 telephone-event/8000',
      'a=rtpmap:110 telephone-event/48000',
      '',
    ].join('\r\n');
    const { sdp, remote } = answerOffer(offer, ours, { codecs: [codec] });
    expect(remote).toMatchObject(events);
    expect(remote.dtmfClockRate).toBeUndefined();
    expect(mLine(sdp)).toBe(`m=audio 20000 RTP/AVP ${remote.payloadType} ${type}`);
    // As an answer it says the same of what the peer sends and hears.
    const asked = offer.replace(/^o=.*$/m, 'o=- 2 1 IN IP4 192.0.2.2');
    const { alsoHeard, ...answered } = readAnswer(asked, offer);
    expect(answered).toMatchObject({ codec: 'opus', dtmfPayloadType: 110 });
    expect(alsoHeard).toEqual([
      expect.objectContaining({
        codec: 'PCMU',
        dtmfPayloadType: 101,
        otherEvents: [{ payloadType: 110, clockRate: 48_000 }],
      }),
    ]);
  });

  it('is G.722 by the rate at which it is sampled where there is nothing else', () => {
    const alone = `${offers.oldGateway}a=rtpmap:96 G722/16000\r\n`.replace(/AVP .*/, 'AVP 96');
    const { sdp, remote } = answerOffer(alone, ours);
    expect(remote).toMatchObject({ codec: 'G722', payloadType: 96 });
    expect(agreedMedia(alone, sdp)).toEqual(remote);
  });

  it('is G.722 by its static payload type alone', () => {
    const bare = offers.oldGateway.replace('AVP 0', 'AVP 9 0');
    expect(answerOffer(bare, ours).remote).toMatchObject({ codec: 'G722', payloadType: 9 });
  });
});

describe('what an offer and we have in common', () => {
  const all: CodecName[] = ['PCMU', 'PCMA', 'G722', 'opus'];

  it.each<[string, string, CodecName[], CodecName[]]>([
    ['a carrier', offers.carrier, all, ['PCMA', 'PCMU']],
    ['a softphone', offers.softphone, all, ['opus', 'PCMU', 'PCMA']],
    ['a softphone, without Opus', offers.softphone, ['PCMA', 'PCMU'], ['PCMU', 'PCMA']],
    ['audio after video', offers.videoFirst, all, ['PCMA']],
    ['encrypted audio first', offers.encryptedOrPlain, all, ['PCMU']],
    ['a browser', offers.browser, all, []],
    ['nonsense', 'hello', all, []],
  ])('with %s', (_, offer, codecs, common) => {
    expect(commonCodecs(offer, codecs)).toEqual(common);
  });
});

describe('what was agreed', () => {
  it('is told by the descriptions, not by what we would say today', () => {
    const offer = makeOffer({ ...theirs, codecs: ['PCMU', 'G722'] });
    const { sdp } = answerOffer(offer, { ...ours, direction: 'recvonly' }, { codecs: ['G722'] });
    expect(agreedMedia(offer, sdp)).toMatchObject({
      codec: 'G722',
      payloadType: 9,
      address: '192.0.2.1',
      port: 5004,
      direction: 'recvonly',
    });
  });

  it('cannot be told of an answer to something else', () => {
    const offer = makeOffer({ ...theirs, codecs: ['PCMU'] });
    const { sdp } = answerOffer(makeOffer({ ...theirs, codecs: ['G722'] }), ours);
    expect(() => agreedMedia(offer, sdp)).toThrow(expect.objectContaining({ code: 'media.no-common-codec' }));
    expect(() => agreedMedia(offer, 'v=0\r\nm=audio 0 RTP/AVP 0\r\n')).toThrow(
      expect.objectContaining({ code: 'media.bad-sdp' }),
    );
  });
});
