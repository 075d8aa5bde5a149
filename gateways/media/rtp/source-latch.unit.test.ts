import { describe, expect, it } from '@jest/globals';
import { type LatchRule, type LatchVerdict, type Source, SourceLatch } from './source-latch.ts';

const PUBLIC = { address: '203.0.113.10', port: 4000 };
const PRIVATE = { address: '10.0.0.5', port: 4000 };
const NAT = { address: '203.0.113.7', port: 61_000 };
const TRUSTED = { address: '192.0.2.1', port: 5004 };
const THIEF = { address: '198.51.100.66', port: 31_337 };

interface Terms {
  readonly source?: Source;
  readonly rule?: LatchRule;
  readonly now?: number;
}

const signal = (latch: SourceLatch, { source = PUBLIC, rule = 'host', now = 0 }: Terms = {}): void =>
  latch.signal(
    {
      source,
      isPublic: !source.address.startsWith('10.'),
      rule,
      isTrusted: (address) => address === TRUSTED.address,
    },
    now,
  );

const latchFor = (terms: Terms = {}): SourceLatch => {
  const latch = new SourceLatch();
  signal(latch, terms);
  return latch;
};

const judge = (latch: SourceLatch, from: Source, sequence: number, now: number, ssrc = 1): LatchVerdict =>
  latch.judge(from.address, from.port, ssrc, sequence, now);

/** What becomes of so many packets in sequence, 20 ms apart. */
const send = (latch: SourceLatch, from: Source, now: number, count = 2, ssrc = 1): LatchVerdict[] =>
  Array.from({ length: count }, (_, i) => judge(latch, from, i + 1, now + 20 * i, ssrc));

describe('the address in SDP', () => {
  it('is believed at its first packet', () => {
    const latch = latchFor();
    expect(judge(latch, PUBLIC, 1, 0)).toBe('latched');
    expect(judge(latch, PUBLIC, 2, 20)).toBe('accepted');
    expect(latch.isSignalled).toBe(true);
  });

  it.each<[string, Source]>([
    ['public', PUBLIC],
    ['private', PRIVATE],
  ])('wins at once from whoever was first, for the whole call, where it is %s', (_kind, source) => {
    for (const rule of ['host', 'any'] as const) {
      const latch = latchFor({ source, rule });
      send(latch, THIEF, 0, 3, 66);
      let heard = 0;
      for (let i = 0; i < 3000; i++) {
        if (['latched', 'accepted'].includes(judge(latch, source, 500 + i, 60 + 20 * i, 7))) heard += 1;
        expect(judge(latch, THIEF, 4 + i, 61 + 20 * i, 66)).toBe('stranger');
      }
      expect(heard).toBe(3000);
      expect(latch.known).toEqual(source);
    }
  });

  it('keeps its place when it pauses, however long', () => {
    for (const source of [PUBLIC, PRIVATE]) {
      const latch = latchFor({ source });
      send(latch, source, 0, 50, 7);
      expect(send(latch, THIEF, 60_000, 3, 66)).toEqual(['stranger', 'stranger', 'stranger']);
      expect(judge(latch, source, 51, 60_060, 7)).toBe('accepted');
    }
  });

  it('comes back at once also where another may have its place: with the rule any, and while frozen', () => {
    const latch = latchFor({ rule: 'any' });
    send(latch, PUBLIC, 0);
    expect(send(latch, THIEF, 1000, 2, 66)).toEqual(['probation', 'latched']);
    latch.frozen = true;
    expect(judge(latch, PUBLIC, 9, 1021)).toBe('latched');
  });
});

describe('the peer’s own hosts', () => {
  it.each([
    ['the host in SDP, from another port', { address: PUBLIC.address, port: 9999 }],
    ['a host of its trunk, or the one that signals', TRUSTED],
  ])('are believed at the second packet in sequence: %s', (_kind, from) => {
    const latch = latchFor();
    expect(judge(latch, from, 0xffff, 0)).toBe('probation');
    expect(judge(latch, from, 0, 20)).toBe('latched');
    expect(latch.isSignalled).toBe(false);
  });

  it('take over from a stranger that sends', () => {
    const latch = latchFor({ source: PRIVATE });
    send(latch, THIEF, 0, 3, 66);
    expect(latch.known).toEqual(THIEF);
    expect(send(latch, TRUSTED, 60, 2, 7)).toEqual(['probation', 'latched']);
    expect(judge(latch, THIEF, 4, 81, 66)).toBe('stranger');
  });

  it('are not kept from it by a stranger in its probation', () => {
    const latch = latchFor({ source: PRIVATE });
    expect(judge(latch, THIEF, 1, 0, 66)).toBe('probation');
    expect(judge(latch, TRUSTED, 1, 1, 7)).toBe('probation');
    expect(judge(latch, THIEF, 2, 2, 66)).toBe('stranger');
    expect(judge(latch, TRUSTED, 2, 3, 7)).toBe('latched');
  });

  it('take over from each other after 500 ms of silence; at once with the same SSRC', () => {
    const latch = latchFor();
    send(latch, PUBLIC, 0, 1, 7);
    expect(judge(latch, TRUSTED, 1, 499, 2)).toBe('stranger');
    expect(judge(latch, TRUSTED, 2, 500, 2)).toBe('probation');
    expect(judge(latch, TRUSTED, 3, 520, 2)).toBe('latched');
    const moves = { ...TRUSTED, port: 7777 };
    expect(judge(latch, moves, 30, 700, 2)).toBe('stranger');
    expect(judge(latch, moves, 40, 1100, 2)).toBe('latched');
  });
});

describe('a stranger', () => {
  it('is never heard where the address in SDP is public, though nothing comes from there', () => {
    const latch = latchFor();
    expect(send(latch, THIEF, 0, 100)).toEqual(new Array(100).fill('stranger'));
    expect(latch.known).toBeUndefined();
  });

  it('is heard where that is private: a peer behind NAT', () => {
    const latch = latchFor({ source: PRIVATE });
    expect(send(latch, NAT, 0)).toEqual(['probation', 'latched']);
    expect(latch.known).toEqual(NAT);
  });

  it('is heard where SDP has no address', () => {
    const latch = new SourceLatch();
    latch.signal({ source: undefined, isPublic: false, rule: 'host', isTrusted: () => false }, 0);
    expect(send(latch, NAT, 0)).toEqual(['probation', 'latched']);
  });

  it('does not take over from a peer behind NAT that is silent; another port of its host does', () => {
    const latch = latchFor({ source: PRIVATE });
    send(latch, NAT, 0, 3, 7);
    expect(send(latch, THIEF, 60_000, 2, 7)).toEqual(['stranger', 'stranger']);
    const rebound = { ...NAT, port: 61_001 };
    expect(judge(latch, rebound, 4, 60_100, 7)).toBe('latched');
  });

  it('is not followed for packets out of sequence or of changing SSRC', () => {
    const latch = latchFor({ source: PRIVATE });
    judge(latch, NAT, 1, 0);
    expect(judge(latch, NAT, 5, 20)).toBe('probation');
    expect(judge(latch, NAT, 6, 40, 99)).toBe('probation');
    expect(latch.known).toBeUndefined();
  });

  it('does not keep the real source out by never going on', () => {
    const latch = latchFor({ source: PRIVATE });
    expect(judge(latch, THIEF, 1, 0)).toBe('probation');
    expect(judge(latch, NAT, 1, 10)).toBe('stranger');
    expect(judge(latch, NAT, 6, 110)).toBe('probation');
    expect(judge(latch, NAT, 7, 130)).toBe('latched');
  });
});

describe('a rule of a trunk’s', () => {
  it('never hears but the address in SDP, wherever that is', () => {
    for (const source of [PUBLIC, PRIVATE]) {
      const latch = latchFor({ source, rule: 'never' });
      for (const from of [THIEF, NAT, TRUSTED, { ...source, port: 9999 }])
        expect(send(latch, from, 0)).toEqual(['stranger', 'stranger']);
      expect(judge(latch, source, 1, 50)).toBe('latched');
    }
  });

  it('any hears whoever sends while the others are silent', () => {
    const latch = latchFor({ rule: 'any' });
    send(latch, PUBLIC, 0, 1, 7);
    expect(judge(latch, NAT, 1, 499, 2)).toBe('stranger');
    expect(send(latch, NAT, 500, 2, 2)).toEqual(['probation', 'latched']);
    expect(send(latch, { ...NAT, address: '203.0.113.8' }, 1100, 2, 3)).toEqual(['probation', 'latched']);
  });
});

describe('a new address in SDP', () => {
  const moved = { address: '10.0.0.6', port: 4000 };

  it('takes the place of the source, which packets still on their way do not take back', () => {
    const latch = latchFor({ source: PRIVATE });
    judge(latch, PRIVATE, 1, 0);
    signal(latch, { source: moved, now: 1000 });
    expect(latch.known).toBeUndefined();
    expect(judge(latch, PRIVATE, 2, 1010)).toBe('former');
    expect(judge(latch, PRIVATE, 3, 1030)).toBe('former');
    expect(judge(latch, moved, 1, 1040, 5)).toBe('latched');
  });

  it('does not keep out the old source that alone goes on sending', () => {
    const latch = latchFor({ source: PRIVATE });
    judge(latch, PRIVATE, 1, 0);
    signal(latch, { source: moved, now: 1000 });
    judge(latch, PRIVATE, 26, 1500);
    expect(judge(latch, PRIVATE, 27, 1520)).toBe('latched');
  });

  it('changes nothing when it is the same again', () => {
    const latch = latchFor({ source: PRIVATE });
    send(latch, NAT, 0);
    signal(latch, { source: { ...PRIVATE }, now: 1000 });
    expect(latch.known).toEqual(NAT);
  });
});

describe('a frozen latch', () => {
  it('is not taken over: on hold silence means nothing', () => {
    const latch = latchFor({ source: PRIVATE });
    send(latch, NAT, 0);
    latch.frozen = true;
    expect(latch.isOpen(60_000)).toBe(false);
    for (const from of [THIEF, TRUSTED, { ...NAT, port: 9 }])
      expect(send(latch, from, 60_000)).toEqual(['stranger', 'stranger']);
    expect(judge(latch, NAT, 3, 60_040)).toBe('accepted');
  });
});
