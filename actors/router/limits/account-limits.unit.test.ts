import { describe, expect, it } from '@jest/globals';
import { type AccountLimits, DEFAULT_LIMITS, LimitedCalls } from './account-limits.ts';

/** The limits of one account, with a clock and a list of live calls of the test's own. */
function limited(limits: Partial<AccountLimits> = {}) {
  const clock = { now: 0 };
  const live = new Set<string>();
  const calls = new LimitedCalls({
    limits: (sid) => (sid === 'AC1' ? { ...DEFAULT_LIMITS, ...limits } : undefined),
    owns: (sid, number) => sid === 'AC1' && number === '+15550100',
    isLive: (callSid) => live.has(callSid),
    now: () => clock.now,
  });
  const dial = (callSid: string, legId: string, to = '+15550142') =>
    calls.dial({ accountSid: 'AC1', callSid, legId, to });
  return { calls, clock, live, dial };
}

describe('the legs that an account has at once', () => {
  it('are limited, callers and called parties together, until some have left', () => {
    const { calls, live, dial } = limited({ calls: 2 });
    live.add('CA1');
    calls.receive('AC1', 'CA1', 'LE1');
    dial('CA1', 'LE2');
    expect(() => dial('CA1', 'LE3')).toThrow(/AC1 has 2 calls and legs at once/);
    calls.left('CA1', 'LE2');
    dial('CA1', 'LE3');
    expect(() => calls.receive('AC1', 'CA2', 'LE4')).toThrow(/which is its limit/);
  });

  it('do not grow without end when a number dials itself ten times over', () => {
    const { calls, live } = limited({ callsPerSecond: 100_000 });
    let waiting = ['CA0'];
    let begun = 0;
    for (let round = 0; round < 6; round++)
      waiting = waiting.flatMap((callSid) => {
        live.add(callSid);
        return Array.from({ length: 10 }, (_, i) => `${callSid}${i}`).filter((callee) => {
          try {
            calls.receive('AC1', callee, `LE${callee}`);
            begun += 1;
            live.add(callee);
            return true;
          } catch {
            return false;
          }
        });
      });
    expect(begun).toBe(DEFAULT_LIMITS.calls);
  });

  it('count one that is placed at another gateway once', () => {
    const { dial } = limited({ calls: 1 });
    dial('CA1', 'LE1');
    expect(() => dial('CA1', 'LE1')).not.toThrow();
  });

  it('of calls that are over are not counted, although nobody said that they left', () => {
    const { calls, clock, dial } = limited({ calls: 2 });
    calls.receive('AC1', 'CA1', 'LE1');
    dial('CA1', 'LE2');
    // They may be about to begin.
    expect(() => calls.receive('AC1', 'CA2', 'LE3')).toThrow(/which is its limit/);
    clock.now += 10_000;
    expect(() => calls.receive('AC1', 'CA2', 'LE3')).not.toThrow();
  });

  it('count what was live before this process', () => {
    const { calls, live } = limited({ calls: 2 });
    live.add('CA1');
    calls.count('AC1', 'CA1', ['LE1', 'LE2', 'LE3']);
    expect(() => calls.receive('AC1', 'CA2', 'LE4')).toThrow(/which is its limit/);
  });

  it('are those of one account', () => {
    const { calls, live } = limited({ calls: 1 });
    live.add('CA1');
    calls.receive('AC1', 'CA1', 'LE1');
    expect(() => calls.receive('AC2', 'CA2', 'LE2')).not.toThrow();
  });
});

describe('the legs that an account begins in a second', () => {
  it('are limited, and as many may begin a second later', () => {
    const { clock, dial } = limited({ callsPerSecond: 2 });
    dial('CA1', 'LE1');
    dial('CA1', 'LE2');
    expect(() => dial('CA1', 'LE3')).toThrow(/more than 2 calls and legs within a second/);
    clock.now += 500;
    dial('CA1', 'LE3');
    expect(() => dial('CA1', 'LE4')).toThrow(/within a second/);
  });
});

describe('whom an account calls, and as whom', () => {
  it('is refused for a closed range, also in a SIP URI', () => {
    const { dial } = limited();
    expect(() => dial('CA1', 'LE1', '+882161234567')).toThrow(/begin with \+882 are closed/);
    expect(() => dial('CA1', 'LE1', 'sip:00882161234567@carrier.example')).toThrow(/are closed/);
    expect(() => dial('CA1', 'LE1', 'sip:anna@example.com')).not.toThrow();
  });

  it('is itself, who called, who was called, and what it has shown to have', () => {
    const { calls } = limited({ callerIds: ['+353123456'] });
    const call = { from: '+15550199', to: '+15550101' };
    const may = (callerId: string) => calls.mayCallAs('AC1', callerId, call);
    expect(['+15550199', '+15550101', '+15550100', '+353123456', 'client:anna'].map(may)).toEqual(
      Array(5).fill(true),
    );
    expect(['+442079460000', 'Bank'].map(may)).toEqual([false, false]);
    expect(calls.mayCallAs('AC2', '+15550100', call)).toBe(false);
  });
});
