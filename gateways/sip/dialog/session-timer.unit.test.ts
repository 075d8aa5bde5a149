import { describe, expect, it } from '@jest/globals';
import {
  answerAsServer,
  expiryDelay,
  parseMinSe,
  parseSessionExpires,
  raiseTo,
  readAnswerAsClient,
  refreshDelay,
} from './session-timer.ts';

const policy = { interval: 1800, minimum: 90 };

describe('Session-Expires', () => {
  it.each([
    ['1800', { interval: 1800 }],
    ['90;refresher=uac', { interval: 90, refresher: 'uac' }],
    [' 4000 ; x=y ; Refresher = UAS', { interval: 4000, refresher: 'uas' }],
    ['90;refresher=proxy', { interval: 90 }],
    ['soon', undefined],
    ['-1', undefined],
  ])('%s is read', (value, expected) => {
    expect(parseSessionExpires(value)).toEqual(expected);
  });

  it('and Min-SE of absurd size do not overflow timers', () => {
    const { interval } = parseSessionExpires('9999999999')!;
    expect(refreshDelay(interval)).toBeLessThan(2 ** 31);
    expect(expiryDelay(interval)).toBeLessThan(2 ** 31);
    expect(parseMinSe('9999999999;x')).toBe(2 ** 31 - 1);
  });
});

describe('The timer that a server agrees to', () => {
  it.each([
    ['none for a peer without timers', { supported: false }, { kind: 'none' }],
    [
      'ours to keep when only a proxy asked',
      { supported: false, sessionExpires: { interval: 300 } },
      { kind: 'timer', timer: { interval: 300, refresher: 'uas' }, require: false },
    ],
    [
      'the peer’s to keep when it says so',
      { supported: true, sessionExpires: { interval: 300, refresher: 'uac' } },
      { kind: 'timer', timer: { interval: 300, refresher: 'uac' }, require: true },
    ],
    [
      'ours to keep when nobody says',
      { supported: true, sessionExpires: { interval: 300 } },
      { kind: 'timer', timer: { interval: 300, refresher: 'uas' }, require: false },
    ],
    [
      'of our interval when the peer did not ask, and no shorter than it can bear',
      { supported: true, minSe: 4000 },
      { kind: 'timer', timer: { interval: 4000, refresher: 'uas' }, require: false },
    ],
    [
      'refused when too short',
      { supported: true, sessionExpires: { interval: 60 } },
      { kind: 'too-small', minimum: 90 },
    ],
  ] as const)('is %s', (_, request, expected) => {
    expect(answerAsServer(request, policy)).toEqual(expected);
  });
});

describe('The timer that a client reads', () => {
  it.each([
    [
      'what the peer agreed to',
      { interval: 300, refresher: 'uas' },
      { interval: 1800 },
      { interval: 300, weRefresh: false },
    ],
    [
      'ours when the peer names us',
      { interval: 300, refresher: 'uac' },
      undefined,
      { interval: 300, weRefresh: true },
    ],
    ['ours when the peer has no timers', undefined, { interval: 1800 }, { interval: 1800, weRefresh: true }],
    ['none when nobody asked', undefined, undefined, undefined],
    [
      'no shorter than our minimum',
      { interval: 0, refresher: 'uac' },
      undefined,
      { interval: 90, weRefresh: true },
    ],
  ] as const)('is %s', (_, answer, asked, expected) => {
    expect(readAnswerAsClient(answer, asked, policy)).toEqual(expected);
  });

  it('is asked for again as long as a 422 wants', () => {
    expect(raiseTo(policy, 3600)).toEqual({ interval: 3600, minimum: 3600 });
    expect(raiseTo(policy, 100)).toEqual({ interval: 1800, minimum: 100 });
  });
});

describe('Delays', () => {
  it('are half the interval for refreshes, and a third or 32 s short of it for the end', () => {
    expect(refreshDelay(1800)).toBe(900_000);
    expect(expiryDelay(1800)).toBe(1_768_000);
    expect(expiryDelay(90)).toBe(60_000);
  });
});
