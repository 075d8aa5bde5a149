import { describe, expect, it } from '@jest/globals';
import { UNANSWERED_FOR, UnansweredMedia } from './unanswered-media.ts';

const aimed = (now = 0): UnansweredMedia => {
  const media = new UnansweredMedia();
  media.aim('192.0.2.1', now);
  return media;
};

describe('media to an address that nothing has come from', () => {
  it('is sent for some seconds from its first packet on, and not any more', () => {
    const media = aimed();
    expect(media.allow(60_000)).toBe(true);
    expect(media.allow(60_000 + UNANSWERED_FOR - 1)).toBe(true);
    expect(media.isSpent(60_000 + UNANSWERED_FOR - 1)).toBe(false);
    expect(media.allow(60_000 + UNANSWERED_FOR)).toBe(false);
    expect(media.isSpent(60_000 + UNANSWERED_FOR)).toBe(true);
  });

  it('goes on as long as it likes once something came, also after it had stopped', () => {
    const media = aimed();
    media.allow(0);
    expect(media.allow(9000)).toBe(false);
    media.answered();
    expect(media.allow(9001)).toBe(true);
    expect(media.allow(10_000_000)).toBe(true);
    expect(media.isSpent(10_000_000)).toBe(false);
  });

  it('is not sent without end by offers that come again and again', () => {
    const media = aimed();
    let sent = 0;
    for (let now = 0; now < 3_600_000; now += 20) {
      if (now % 4000 === 0) media.aim(now % 8000 === 0 ? '192.0.2.1' : '192.0.2.2', now);
      if (media.allow(now)) sent += 1;
    }
    expect(sent * 20).toBeLessThanOrEqual(15_000 + 20);
    expect(sent * 20).toBeGreaterThan(14_000);
  });

  it('is not stopped by an offer that names the address that has answered again', () => {
    const media = aimed();
    media.answered();
    media.aim('192.0.2.1', 20_000);
    media.allow(20_000);
    expect(media.allow(20_000 + UNANSWERED_FOR)).toBe(true);
    media.aim('192.0.2.2', 30_000);
    media.allow(30_000);
    expect(media.allow(30_000 + UNANSWERED_FOR)).toBe(false);
  });

  it('costs a peer nothing that moves, and is there each time', () => {
    const media = aimed();
    for (let move = 0; move < 100; move++) {
      const now = move * 10_000;
      media.aim(`192.0.2.${move}`, now);
      expect(media.allow(now)).toBe(true);
      expect(media.allow(now + 4000)).toBe(true);
      media.answered();
    }
  });
});
