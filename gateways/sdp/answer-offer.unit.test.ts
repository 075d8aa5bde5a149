import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'sdp-transform';
import type { RemoteMedia } from '../media/plane/media-plane.ts';
import { answerOffer } from './answer-offer.ts';
import type { MediaDirection } from './direction.ts';
import { localDirection } from './local-direction.ts';
import * as offers from './testing/offers.ts';

const ours = { address: '198.51.100.1', port: 20_000, sessionId: '42', version: 1 };

const lines = (sdp: string, letter: string) =>
  sdp.split('\r\n').filter((line) => line.startsWith(`${letter}=`));

/** An offer of one audio stream, with more lines in it. */
const offerWith = (...more: readonly string[]): string =>
  [
    'v=0',
    'o=- 1 1 IN IP4 192.0.2.1',
    's=-',
    'c=IN IP4 192.0.2.1',
    't=0 0',
    'm=audio 5004 RTP/AVP 0',
    ...more,
  ].join('\r\n');

describe('the answer to a whole offer', () => {
  it.each<[keyof typeof offers.acceptable, Partial<RemoteMedia>, string[]]>([
    [
      'carrier',
      {
        address: '203.0.113.77',
        port: 38_664,
        rtcpPort: 38_665,
        codec: 'PCMA',
        payloadType: 8,
        dtmfPayloadType: 100,
        ptime: 20,
      },
      ['m=audio 20000 RTP/AVP 8 100'],
    ],
    [
      'oldGateway',
      { codec: 'PCMU', payloadType: 0, dtmfPayloadType: undefined },
      ['m=audio 20000 RTP/AVP 0'],
    ],
    [
      'softphone',
      { address: '192.0.2.33', rtcpPort: 7078, codec: 'opus', payloadType: 96, dtmfPayloadType: 101 },
      ['m=audio 20000 RTP/AVPF 96 101', 'm=video 0 RTP/AVPF 98'],
    ],
    [
      'videoFirst',
      { port: 5004, codec: 'PCMA', ptime: 30 },
      ['m=video 0 RTP/AVP 97', 'm=message 0 TCP/MSRP *', 'm=audio 20000 RTP/AVP 8', 'm=image 0 udptl t38'],
    ],
    ['encryptedOrPlain', { port: 5006 }, ['m=audio 0 RTP/SAVP 0', 'm=audio 20000 RTP/AVP 0']],
    ['sloppy', { port: 5004, direction: 'sendrecv' }, ['m=audio 20000 RTP/AVP 0']],
  ])('%s', (name, remote, media) => {
    const answer = answerOffer(offers.acceptable[name], ours);
    expect(answer.remote).toMatchObject(remote);
    expect(lines(answer.sdp, 'm')).toEqual(media);
  });

  it('is whole: every line that RFC 8866 asks for, and what was agreed', () => {
    expect(answerOffer(offers.carrier, ours).sdp).toBe(
      [
        'v=0',
        'o=- 42 1 IN IP4 198.51.100.1',
        's=-',
        'c=IN IP4 198.51.100.1',
        't=0 0',
        'm=audio 20000 RTP/AVP 8 100',
        'a=rtpmap:8 PCMA/8000',
        'a=rtpmap:100 telephone-event/8000',
        'a=fmtp:100 0-15',
        'a=ptime:20',
        'a=sendrecv',
        '',
      ].join('\r\n'),
    );
  });

  it('takes IPv6 where ours is IPv6, and only there', () => {
    const answer = answerOffer(offers.ipv6, { ...ours, address: '2001:db8::1' });
    expect(answer.remote.address).toBe('2001:db8::5');
    expect(lines(answer.sdp, 'c')).toEqual(['c=IN IP6 2001:db8::1']);
    expect(() => answerOffer(offers.ipv6, ours)).toThrow(
      expect.objectContaining({ code: 'media.other-family', params: { theirs: 6, ours: ours.address } }),
    );
  });

  it('takes only the codecs it is told to', () => {
    expect(answerOffer(offers.carrier, { ...ours, codecs: ['PCMU'] }).remote.codec).toBe('PCMU');
  });
});

describe('what is refused', () => {
  it.each<[string, string, string, RegExp]>([
    ['a browser', offers.browser, 'media.no-common-codec', /UDP\/TLS\/RTP\/SAVPF" is not RTP\/AVP/],
    ['SRTP', offers.encrypted, 'media.no-common-codec', /RTP\/SAVP" is not RTP\/AVP/],
    [
      'video alone',
      offers.carrier.replace('m=audio', 'm=video'),
      'media.no-common-codec',
      /"video" is not audio/,
    ],
    [
      'G.729 alone',
      offers.carrier.replace('18 8 0 100', '18'),
      'media.no-common-codec',
      /none of its formats/,
    ],
    ['wideband PCMU', offerWith('a=rtpmap:0 PCMU/16000'), 'media.no-common-codec', /none of its formats/],
    ['a stream switched off', offers.carrier.replace('38664', '0'), 'media.no-common-codec', /port is 0/],
    ['multicast', offerWith('c=IN IP4 224.2.1.1/127'), 'media.no-common-codec', /not that of one host/],
    [
      'IPv6 multicast',
      offerWith('c=IN IP6 ff02::1'),
      'media.other-family',
      /at an IPv6 address; media of this gateway is at/,
    ],
    [
      'IPv6',
      offerWith('c=IN IP6 2001:db8::1'),
      'media.other-family',
      /at an IPv6 address; media of this gateway is at/,
    ],
    ['nothing', '', 'media.bad-sdp', /does not begin with v=0/],
    ['another version', 'v=1\r\n', 'media.bad-sdp', /does not begin with v=0/],
    ['no media', 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n', 'media.bad-sdp', /no m= line/],
    ['no address', offerWith().replace('c=IN IP4 192.0.2.1\r\n', ''), 'media.bad-sdp', /no c= line/],
    ['half an address', offerWith('c=IN IP4 192.0.2'), 'media.bad-sdp', /no IP address/],
    ['a zone', offerWith('c=IN IP6 fe80::1%eth0'), 'media.bad-sdp', /no IP address/],
    ['a port too high', offerWith().replace('5004', '70000'), 'media.bad-sdp', /malformed/],
    ['a negative port', offerWith().replace('5004', '-1'), 'media.bad-sdp', /malformed/],
    ['no formats', offerWith().replace('RTP/AVP 0', 'RTP/AVP'), 'media.bad-sdp', /malformed/],
    ['too much', `${offerWith()}\r\n${'a=x\r\n'.repeat(20_000)}`, 'media.bad-sdp', /more than 65536/],
    ['too many lines', `${offerWith()}${'\n'.repeat(3000)}`, 'media.bad-sdp', /more than 2000 lines/],
    [
      'too many media',
      offerWith(...new Array(64).fill('m=video 1 RTP/AVP 9')),
      'media.bad-sdp',
      /more than 64 media/,
    ],
  ])('%s', (_, offer, code, message) => {
    expect(() => answerOffer(offer, ours)).toThrow(expect.objectContaining({ code }));
    expect(() => answerOffer(offer, ours)).toThrow(message);
  });
});

describe('direction', () => {
  it.each<[MediaDirection, MediaDirection]>([
    ['sendrecv', 'sendrecv'],
    ['sendonly', 'recvonly'],
    ['recvonly', 'sendonly'],
    ['inactive', 'inactive'],
  ])('%s is answered with %s, also when it stands for the whole session', (offered, answered) => {
    for (const offer of [
      offerWith(`a=${offered}`),
      offerWith().replace('t=0 0', `t=0 0\r\na=${offered}`),
      offerWith(`a=${offered}`).replace('t=0 0', 't=0 0\r\na=inactive'),
    ]) {
      const answer = answerOffer(offer, ours);
      expect(answer.remote.direction).toBe(answered);
      expect(localDirection(answer.sdp)).toBe(answered);
    }
  });

  it.each<[MediaDirection, MediaDirection, MediaDirection]>([
    ['sendrecv', 'sendonly', 'sendonly'],
    ['sendonly', 'sendonly', 'inactive'],
    ['recvonly', 'sendonly', 'sendonly'],
    ['sendrecv', 'recvonly', 'recvonly'],
    ['sendrecv', 'inactive', 'inactive'],
  ])('%s, while we want %s, is answered with %s', (offered, wanted, answered) => {
    const answer = answerOffer(offerWith(`a=${offered}`), { ...ours, direction: wanted });
    expect(localDirection(answer.sdp)).toBe(answered);
  });

  it.each<[MediaDirection, MediaDirection]>([
    ['sendrecv', 'recvonly'],
    ['sendonly', 'recvonly'],
    ['recvonly', 'inactive'],
    ['inactive', 'inactive'],
  ])('to the address 0.0.0.0 nothing is sent: %s is answered with %s', (offered, answered) => {
    const answer = answerOffer(offerWith('c=IN IP4 0.0.0.0', `a=${offered}`), ours);
    expect(answer.remote.direction).toBe(answered);
    expect(localDirection(answer.sdp)).toBe(answered);
  });
});

describe('details of a stream', () => {
  it.each<[string[], number]>([
    [[], 5005],
    [['a=rtcp:6001'], 6001],
    [['a=rtcp:6001 IN IP4 192.0.2.9'], 6001],
    [['a=rtcp-mux'], 5004],
    [['a=rtcp:6001', 'a=rtcp-mux'], 5004],
    [['a=rtcp:0'], 5005],
    [['a=rtcp:99999'], 5005],
    [['a=rtcp:x'], 5005],
  ])('RTCP with %p goes to %i', (more, port) => {
    expect(answerOffer(offerWith(...more), ours).remote.rtcpPort).toBe(port);
  });

  it('takes RTCP on the same port when that is offered, and does not say so otherwise', () => {
    expect(answerOffer(offerWith('a=rtcp-mux'), ours).sdp).toContain('a=rtcp-mux\r\n');
    expect(answerOffer(offerWith(), ours).sdp).not.toContain('rtcp');
  });

  it.each<[string[], number]>([
    [[], 20],
    [['a=ptime:30'], 30],
    [['a=ptime:30', 'a=maxptime:20'], 20],
    [['a=maxptime:10'], 10],
    [['a=maxptime:150'], 20],
    [['a=ptime:25.5'], 20],
    [['a=ptime:5'], 10],
    [['a=ptime:0'], 20],
    [['a=ptime:1000'], 60],
    [['a=ptime:x'], 20],
  ])('packets with %p have %i ms', (more, ptime) => {
    const answer = answerOffer(offerWith(...more), ours);
    expect(answer.remote.ptime).toBe(ptime);
    expect(answer.sdp).toContain(`a=ptime:${ptime}\r\n`);
  });

  it('reads names in any case, dynamic payload types, and a channel count of one', () => {
    const offer = offerWith('a=rtpmap:97 pcma/8000/1').replace('AVP 0', 'AVP 97 0');
    expect(answerOffer(offer, ours).remote).toMatchObject({ codec: 'PCMA', payloadType: 97 });
    expect(answerOffer(offer, ours).sdp).toContain('a=rtpmap:97 PCMA/8000\r\n');
  });

  it('has no telephone-event at a rate that is not the codec’s', () => {
    const offer = offerWith('a=rtpmap:101 telephone-event/48000').replace('AVP 0', 'AVP 0 101');
    expect(answerOffer(offer, ours).remote.dtmfPayloadType).toBeUndefined();
  });

  it('does not mind what it does not use: an odd address of another stream', () => {
    const offer = offerWith('m=video 5006 RTP/AVP 97', 'c=IN IP4 media.example.com');
    expect(answerOffer(offer, ours).remote.address).toBe('192.0.2.1');
  });

  it('takes the media’s address before the session’s', () => {
    expect(answerOffer(offerWith('c=IN IP4 192.0.2.99'), ours).remote.address).toBe('192.0.2.99');
  });
});

describe('any offer', () => {
  const stream = fc
    .record({
      kind: fc.constantFrom('audio', 'video', 'application', 'image', 'x-odd'),
      port: fc.nat(65_535),
      protocol: fc.constantFrom('RTP/AVP', 'RTP/SAVP', 'UDP/TLS/RTP/SAVPF', 'udptl', 'TCP/MSRP'),
      formats: fc.constantFrom('0', '8 0', '111 0 101', 'webrtc-datachannel', '*', '18'),
      direction: fc.constantFrom('sendrecv', 'sendonly', 'recvonly', 'inactive'),
    })
    .map((s) => [`m=${s.kind} ${s.port} ${s.protocol} ${s.formats}`, `a=${s.direction}`]);

  it('is answered with as many streams, of the same kinds in the same order, one of them taken', () => {
    fc.assert(
      fc.property(fc.array(stream, { maxLength: 6 }), (streams) => {
        const offer = offerWith('a=sendrecv', ...streams.flat());
        const shuffled = streams.length % 2 === 0 ? offer : offer.replace('m=audio 5004', 'm=audio 0');
        let answer: string;
        try {
          answer = answerOffer(shuffled, ours).sdp;
        } catch (error) {
          expect(error).toMatchObject({ code: 'media.no-common-codec' });
          return;
        }
        const offered = lines(shuffled, 'm').map((line) => line.split(' '));
        const answered = lines(answer, 'm').map((line) => line.split(' '));
        expect(answered.map(([kind, , protocol]) => [kind, protocol])).toEqual(
          offered.map(([kind, , protocol]) => [kind, protocol]),
        );
        const taken = answered.flatMap(([, port], index) => (port === '0' ? [] : [index]));
        expect(taken.length).toBe(1);
        expect(offered[taken[0]!]![1]).not.toBe('0');
      }),
    );
  });

  it('never breaks us, however it is mangled; what is answered can be read by others', () => {
    const corpus = [...Object.values(offers.acceptable), offers.browser, offers.ipv6, offers.encrypted];
    const mutation = fc.record({
      at: fc.nat(2000),
      remove: fc.nat(30),
      insert: fc.oneof(
        fc.string({ maxLength: 8 }),
        fc.constantFrom(
          '\r\n',
          'm=audio 1 RTP/AVP 0\r\n',
          'c=IN IP4 ',
          'a=',
          '__proto__',
          '\0',
          '99999999999',
          'a=rtpmap:',
        ),
      ),
    });
    fc.assert(
      fc.property(fc.constantFrom(...corpus), fc.array(mutation, { maxLength: 6 }), (offer, mutations) => {
        const mangled = mutations.reduce(
          (sdp, { at, remove, insert }) =>
            sdp.slice(0, at % sdp.length) + insert + sdp.slice((at % sdp.length) + remove),
          offer,
        );
        try {
          const { sdp, remote } = answerOffer(mangled, ours);
          expect(remote.port).toBeGreaterThan(0);
          const read = parse(sdp);
          expect(read.media.filter(({ port }) => port === ours.port).length).toBe(1);
          expect(read.origin?.sessionId).toBe(42);
        } catch (error) {
          expect(error).toMatchObject({ name: 'TandemError', code: expect.stringMatching(/^media\./) });
        }
      }),
      { numRuns: 2000 },
    );
  });
});
