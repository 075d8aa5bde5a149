import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { writeRtcp } from '../rtp/rtcp-packet.ts';
import { emptyRtpHeader, parseRtp, RTP_HEADER_SIZE, writeRtpHeader } from '../rtp/rtp-packet.ts';
import { type SessionKeys, sessionKeys } from './key-derivation.ts';
import { WINDOW } from './packet-window.ts';
import { MAX_STREAMS, SrtpReceiver } from './srtp-receiver.ts';
import { SrtpSender } from './srtp-sender.ts';
import { SrtpSession } from './srtp-session.ts';
import { withStreamName } from './stream-name.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

/** The session keys of RFC 7714, sections 16 and 17; it does not derive them. */
const published: SessionKeys = (() => {
  const pair = {
    key: createSecretKey(hex('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f')),
    salt: hex('517569642070726f2071756f'),
  };
  return { rtp: pair, rtcp: pair };
})();

const keys = sessionKeys(Buffer.alloc(44, 7));

const rtp = (sequence: number, ssrc = 1, payload: Uint8Array = Buffer.from(`sound ${sequence}`)): Buffer => {
  const packet = Buffer.alloc(RTP_HEADER_SIZE + payload.length);
  writeRtpHeader(packet, 0, { marker: false, payloadType: 0, sequence, timestamp: 160 * sequence, ssrc });
  packet.set(payload, RTP_HEADER_SIZE);
  return packet;
};

const rtcp = (ssrc = 1): Uint8Array => writeRtcp({ ssrc, cname: 'somebody', reports: [] });

interface Sent {
  readonly plain: Buffer;
  readonly sealed: Uint8Array;
}

/** The packets of a stream that begins at `first`, as they are sent. */
const stream = (first: number, length: number): Sent[] => {
  const sender = new SrtpSender(keys);
  return Array.from({ length }, (_, at) => {
    const plain = rtp((first + at) & 0xffff);
    return { plain, sealed: sender.protect(plain)! };
  });
};

describe('AEAD_AES_256_GCM', () => {
  const plain = hex(
    '8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573',
  );
  const sealed = hex(
    '8040f17b8041f8d35501a0b232b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13',
  );

  it('encrypts and reads the RTP packet of RFC 7714, section 16.2', () => {
    expect(Buffer.from(new SrtpSender(published).protect(plain)!)).toEqual(sealed);
    expect(Buffer.from(new SrtpReceiver(published).open(sealed)!)).toEqual(plain);
  });

  it('encrypts and reads the RTCP packet of RFC 7714, section 17.2', () => {
    const report = hex(
      '81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef',
    );
    const expected = hex(
      '81c8000d4d617273d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658c61de0476f1b6fad1d1eb30c4446839f57ff6f6cb26ac3be800005d4',
    );
    expect(Buffer.from(new SrtpReceiver(published).openControl(expected)!)).toEqual(report);
    const sender = new SrtpSender(published);
    for (let index = 1; index < 0x5d4; index++) sender.protectControl(report);
    expect(Buffer.from(sender.protectControl(report)!)).toEqual(expected);
  });

  it('does not take RTCP that is proven but not encrypted', () => {
    const tagged = hex(
      '81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef841dd9683dd78ec92ae58790125f62b3000005d4',
    );
    expect(new SrtpReceiver(published).openControl(tagged)).toBeUndefined();
  });
});

describe('a stream', () => {
  it('is read as it was sent, in whatever order within the window, whatever is lost or repeated, across wraps', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 0x7fff }),
        fc.array(fc.record({ lateBy: fc.nat(WINDOW / 2 - 1), copies: fc.nat(2) }), {
          minLength: 1,
          maxLength: 150,
        }),
        fc.boolean(),
        (start, fates, wraps) => {
          const first = wraps ? 0x1_0000 - (fates.length >> 1) : start;
          const sent = stream(first, fates.length);
          const arriving = fates
            .flatMap(({ lateBy, copies }, at) =>
              Array.from({ length: copies }, () => ({ at, when: at + lateBy })),
            )
            .sort((a, b) => a.when - b.when);
          // One that comes first from after a wrap would be from before it: no sender of ours begins so late.
          if (wraps && arriving.length > 0 && first + arriving[0]!.at > 0xffff) return;
          const receiver = new SrtpReceiver(keys);
          const heard = new Set<number>();
          for (const { at } of arriving) {
            const opened = receiver.open(sent[at]!.sealed);
            if (heard.has(at)) expect(opened).toBeUndefined();
            else expect(Buffer.from(opened!)).toEqual(sent[at]!.plain);
            heard.add(at);
          }
        },
      ),
    );
  });

  it('goes on over many wraps', () => {
    const [sender, receiver] = [new SrtpSender(keys), new SrtpReceiver(keys)];
    for (let index = 20_000; index < 4 * 0x1_0000; index += 3000) {
      const plain = rtp(index & 0xffff);
      expect(Buffer.from(receiver.open(sender.protect(plain)!)!)).toEqual(plain);
    }
  });

  it('is not read when anything of it was changed, and goes on', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (where, change) => {
        const [first, second] = [...stream(100, 2)] as [Sent, Sent];
        const receiver = new SrtpReceiver(keys);
        receiver.open(first.sealed);
        const forged = Uint8Array.from(second.sealed);
        forged[where % forged.length]! ^= change;
        expect(receiver.open(forged)).toBeUndefined();
        expect(Buffer.from(receiver.open(second.sealed)!)).toEqual(second.plain);
      }),
    );
  });

  it('is not moved by forged packets far ahead, nor by those of another key', () => {
    const receiver = new SrtpReceiver(keys);
    const [first, second] = [...stream(100, 2)] as [Sent, Sent];
    const stranger = new SrtpSender(sessionKeys(Buffer.alloc(44, 8)));
    for (const sequence of [100, 30_000, 60_000]) {
      expect(receiver.open(stranger.protect(rtp(sequence))!)).toBeUndefined();
    }
    expect(receiver.open(first.sealed)).toBeDefined();
    expect(receiver.open(second.sealed)).toBeDefined();
  });

  it('is not read again, however long ago it was', () => {
    const sent = stream(500, 3 * WINDOW);
    const receiver = new SrtpReceiver(keys);
    for (const { sealed } of sent) expect(receiver.open(sealed)).toBeDefined();
    for (const { sealed } of sent) expect(receiver.open(sealed)).toBeUndefined();
  });

  it('never has two packets with one sequence number, whatever is in them', () => {
    const sender = new SrtpSender(keys);
    expect(sender.protect(rtp(7, 1, Buffer.from('one')))).toBeDefined();
    expect(sender.protect(rtp(7, 1, Buffer.from('two')))).toBeUndefined();
    expect(sender.protect(rtp(7 + WINDOW))).toBeDefined();
    expect(sender.protect(rtp(7))).toBeUndefined();
    expect(sender.protect(rtp(8 + WINDOW))).toBeDefined();
  });

  it('keeps its numbers and its window when another takes its place, and when it comes back', () => {
    const [one, other] = [new SrtpSender(keys), new SrtpSender(keys)];
    const receiver = new SrtpReceiver(keys);
    const first = one.protect(rtp(10, 1))!;
    const elsewhere = other.protect(rtp(40_000, 2))!;
    expect(receiver.open(first)).toBeDefined();
    expect(receiver.open(elsewhere)).toBeDefined();
    expect(receiver.open(one.protect(rtp(11, 1))!)).toBeDefined();
    expect(receiver.open(first)).toBeUndefined();
    expect(receiver.open(elsewhere)).toBeUndefined();
  });

  it('is one of a bounded number, none of which is forgotten', () => {
    const receiver = new SrtpReceiver(keys);
    const of = (ssrc: number): Uint8Array => new SrtpSender(keys).protect(rtp(1, ssrc))!;
    for (let ssrc = 1; ssrc <= MAX_STREAMS; ssrc++) expect(receiver.open(of(ssrc))).toBeDefined();
    expect(receiver.open(of(MAX_STREAMS + 1))).toBeUndefined();
    expect(receiver.open(of(1))).toBeUndefined();
  });

  it('has a header that is sent as it is, with its sources and its extension', () => {
    const named = withStreamName(rtp(3));
    const [sender, receiver] = [new SrtpSender(keys), new SrtpReceiver(keys)];
    const sealed = sender.protect(named)!;
    expect(sealed.length).toBe(named.length + 16);
    expect(Buffer.from(sealed.subarray(0, 20))).toEqual(Buffer.from(named.subarray(0, 20)));
    const header = emptyRtpHeader();
    const opened = receiver.open(sealed)!;
    expect(parseRtp(opened, header)).toBe(true);
    expect(header).toMatchObject({ sequence: 3, ssrc: 1, payloadStart: 20 });
    expect(Buffer.from(opened.subarray(header.payloadStart)).toString()).toBe('sound 3');
  });
});

describe('reports', () => {
  it('are read once each, in any order', () => {
    const [sender, receiver] = [new SrtpSender(keys), new SrtpReceiver(keys)];
    const [one, two] = [sender.protectControl(rtcp())!, sender.protectControl(rtcp())!];
    for (const sealed of [two, one])
      expect(Buffer.from(receiver.openControl(sealed)!)).toEqual(Buffer.from(rtcp()));
    for (const sealed of [one, two]) expect(receiver.openControl(sealed)).toBeUndefined();
  });

  it('are not read when anything of them was changed', () => {
    const sealed = new SrtpSender(keys).protectControl(rtcp())!;
    for (let at = 0; at < sealed.length; at++) {
      const forged = Uint8Array.from(sealed);
      forged[at]! ^= 1;
      expect(new SrtpReceiver(keys).openControl(forged)).toBeUndefined();
    }
  });
});

describe('both directions of a port', () => {
  const [near, far] = [Buffer.alloc(44, 1), Buffer.alloc(44, 2)];

  it('tell RTP and RTCP apart, and hear nothing before the other key is known, nor what they sent themselves', () => {
    const [here, there] = [new SrtpSession(near), new SrtpSession(far)];
    const [sound, report] = [here.protect(rtp(1))!, here.protect(rtcp())!];
    expect(there.open(sound)).toBeUndefined();
    expect(there.open(report)).toBeUndefined();
    there.connect(near);
    here.connect(far);
    expect(Buffer.from(there.open(sound)!)).toEqual(rtp(1));
    expect(Buffer.from(there.open(report)!)).toEqual(Buffer.from(rtcp()));
    expect(here.open(sound)).toBeUndefined();
  });

  it('take any bytes', () => {
    const session = new SrtpSession(near);
    session.connect(far);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(session.open(bytes)).toBeUndefined();
        const looksRight = Uint8Array.from([0x9f, 200, ...bytes]);
        expect(session.open(looksRight)).toBeUndefined();
        looksRight[1] = 0;
        expect(session.open(looksRight)).toBeUndefined();
      }),
    );
  });
});
