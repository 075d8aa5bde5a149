import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createLog } from '../log/log.ts';
import { logCounters } from './log-counters.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('the counters of SIP', () => {
  it('are logged by what they have grown, and not when nothing was turned away', () => {
    const lines: string[] = [];
    const log = createLog('ie1', {}, { write: (line) => lines.push(line) });
    const counters = {
      received: 0,
      sent: 0,
      droppedStrangers: 2,
      rateLimited: 0,
      malformed: 0,
      refusedConnections: 0,
    };
    const stop = logCounters(counters, log);
    counters.droppedStrangers += 3;
    counters.received += 100;
    jest.advanceTimersByTime(60_000);
    counters.received += 100;
    jest.advanceTimersByTime(60_000);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ level: 'warn', droppedStrangers: 3 }]);
    expect(lines[0]).not.toContain('rateLimited');
    counters.malformed += 1;
    stop();
    expect(JSON.parse(lines[1]!)).toMatchObject({ level: 'warn', malformed: 1 });
    expect(lines).toHaveLength(2);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('are those of a user agent, too', () => {
    const lines: string[] = [];
    const log = createLog('ie1', {}, { write: (line) => lines.push(line) });
    const counters = { wrongCredentials: 1, heldOffGuesses: 0 };
    const stop = logCounters(counters, log);
    counters.wrongCredentials += 2;
    stop();
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ level: 'warn', wrongCredentials: 2 }]);
  });
});
