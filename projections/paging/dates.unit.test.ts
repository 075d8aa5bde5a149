import { describe, expect, it } from '@jest/globals';
import { readSpan, rfc2822 } from './dates.ts';

describe('dates of the API', () => {
  it('are written as RFC 2822 has them', () => {
    expect(rfc2822(Date.UTC(2026, 10, 3, 5, 3, 9))).toBe('Tue, 03 Nov 2026 05:03:09 +0000');
  });

  it('cover a day or a second', () => {
    const day = Date.UTC(2026, 10, 23);
    expect(readSpan('2026-11-23')).toEqual({ from: day, before: Date.UTC(2026, 10, 24) });
    expect(readSpan('2026-11-23T00:00:05Z')).toEqual({ from: day + 5000, before: day + 6000 });
  });

  it.each(['2026-02-30', '2026-13-01', '2026-11-23T25:00:00Z', 'yesterday'])('%s is none', (text) => {
    expect(readSpan(text)).toBeUndefined();
  });
});
