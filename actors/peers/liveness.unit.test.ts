import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { watchPeer } from './liveness.ts';

describe('watching a peer', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('pings each interval and takes a peer for lost after three without a word', () => {
    const ping = jest.fn();
    const silent = jest.fn();
    watchPeer(1000, ping, silent);
    jest.advanceTimersByTime(3999);
    expect(ping).toHaveBeenCalledTimes(3);
    expect(silent).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(silent).toHaveBeenCalledTimes(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('keeps a peer that is heard', () => {
    const silent = jest.fn();
    const liveness = watchPeer(1000, () => {}, silent);
    for (let second = 0; second < 20; second += 1) {
      jest.advanceTimersByTime(3000);
      liveness.heard();
    }
    expect(silent).not.toHaveBeenCalled();
    liveness.stop();
    expect(jest.getTimerCount()).toBe(0);
  });
});
