import { describe, expect, it } from '@jest/globals';
import { SourceLatch, type Verdict } from './source-latch.ts';

const SDP = { address: '10.0.0.5', port: 4000 };
const REAL = { address: '203.0.113.7', port: 61_000 };
const STRANGER = { address: '198.51.100.66', port: 5004 };

const latched = (): SourceLatch => {
  const latch = new SourceLatch();
  latch.signal(SDP, 0);
  return latch;
};

const judge = (
  latch: SourceLatch,
  from: { address: string; port: number },
  sequence: number,
  now: number,
  ssrc = 1,
): Verdict => latch.judge(from.address, from.port, ssrc, sequence, now);

describe('a source latch', () => {
  it('sends to the address in SDP until something is heard', () => {
    expect(latched().destination).toEqual(SDP);
    expect(new SourceLatch().destination).toBeUndefined();
  });

  it('believes the address in SDP at its first packet', () => {
    const latch = latched();
    expect(judge(latch, SDP, 1, 0)).toBe('latched');
    expect(judge(latch, SDP, 2, 20)).toBe('accepted');
    expect(latch.isSignalled).toBe(true);
  });

  it('follows media that comes from elsewhere, at the second packet in sequence', () => {
    const latch = latched();
    expect(judge(latch, REAL, 0xffff, 0)).toBe('probation');
    expect(latch.destination).toEqual(SDP);
    expect(judge(latch, REAL, 0, 20)).toBe('latched');
    expect(latch.destination).toEqual(REAL);
    expect(latch.isSignalled).toBe(false);
  });

  it('does not follow packets that are out of sequence or of changing SSRC', () => {
    const latch = latched();
    judge(latch, REAL, 1, 0);
    expect(judge(latch, REAL, 5, 20)).toBe('probation');
    expect(judge(latch, REAL, 6, 40, 99)).toBe('probation');
    expect(latch.known).toBeUndefined();
  });

  it('keeps to a source that sends, whoever else does', () => {
    const latch = latched();
    judge(latch, SDP, 1, 0);
    for (let i = 1; i < 100; i++) {
      expect(judge(latch, STRANGER, i, i * 20 - 1)).toBe('stranger');
      expect(judge(latch, SDP, i + 1, i * 20)).toBe('accepted');
    }
    expect(latch.destination).toEqual(SDP);
  });

  it('lets another take over after 500 ms of silence, at its second packet', () => {
    const latch = latched();
    judge(latch, SDP, 1, 0);
    expect(judge(latch, REAL, 1, 499, 2)).toBe('stranger');
    expect(judge(latch, REAL, 2, 500, 2)).toBe('probation');
    expect(judge(latch, REAL, 3, 520, 2)).toBe('latched');
  });

  it('lets the same SSRC go on from another place at once after the silence', () => {
    const latch = latched();
    judge(latch, SDP, 1, 0, 7);
    expect(judge(latch, REAL, 30, 600, 7)).toBe('latched');
  });

  it('gives way to a new address in SDP, and does not fall back to the old for packets still on their way', () => {
    const latch = latched();
    judge(latch, SDP, 1, 0);
    const moved = { address: '10.0.0.6', port: 4000 };
    latch.signal(moved, 1000);
    expect(latch.destination).toEqual(moved);
    expect(judge(latch, SDP, 2, 1010)).toBe('stranger');
    expect(judge(latch, SDP, 3, 1030)).toBe('stranger');
    expect(judge(latch, moved, 1, 1040, 5)).toBe('latched');
  });

  it('believes the old source again when it alone goes on sending', () => {
    const latch = latched();
    judge(latch, SDP, 1, 0);
    latch.signal({ address: '10.0.0.6', port: 4000 }, 1000);
    judge(latch, SDP, 26, 1500);
    expect(judge(latch, SDP, 27, 1520)).toBe('latched');
  });

  it('keeps the source when SDP says the same again', () => {
    const latch = latched();
    judge(latch, REAL, 1, 0);
    judge(latch, REAL, 2, 20);
    latch.signal({ ...SDP }, 1000);
    expect(latch.destination).toEqual(REAL);
  });

  it('is not taken over while frozen: on hold silence means nothing', () => {
    const latch = latched();
    judge(latch, SDP, 1, 0);
    latch.frozen = true;
    expect(latch.isOpen(60_000)).toBe(false);
    expect(judge(latch, STRANGER, 1, 60_000)).toBe('stranger');
    expect(judge(latch, STRANGER, 2, 60_020)).toBe('stranger');
    expect(judge(latch, SDP, 2, 60_040)).toBe('accepted');
  });

  it('is not kept from the real source by one that never goes on', () => {
    const latch = latched();
    expect(judge(latch, STRANGER, 1, 0)).toBe('probation');
    expect(judge(latch, REAL, 1, 10)).toBe('stranger');
    expect(judge(latch, REAL, 6, 110)).toBe('probation');
    expect(judge(latch, REAL, 7, 130)).toBe('latched');
  });
});
