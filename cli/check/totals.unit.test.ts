import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addTotals, formatTotals, NO_TESTS, ofJest, parseTotals } from './totals.ts';

describe('totals', () => {
  it('reads what it wrote', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), (passed, failed, skipped) => {
        const totals = { passed, failed, skipped };
        expect(parseTotals(formatTotals(totals))).toEqual(totals);
      }),
    );
  });

  it('reads nothing from another line', () => {
    expect(parseTotals('all 3 passed, 0 failed, 0 skipped')).toBeUndefined();
  });

  it('counts a test file that could not be run as a failure, and names what was skipped', () => {
    const { totals, skipped } = ofJest({
      numPassedTests: 4,
      numFailedTests: 1,
      numPendingTests: 1,
      numTodoTests: 1,
      numRuntimeErrorTestSuites: 2,
      testResults: [
        {
          assertionResults: [
            {
              fullName: 'trunk refuses a stranger (needs sipp: apt-get install sip-tester)',
              status: 'pending',
            },
            { fullName: 'trunk answers', status: 'passed' },
          ],
        },
      ],
    });
    expect(totals).toEqual({ passed: 4, failed: 3, skipped: 2 });
    expect(skipped).toEqual(['trunk refuses a stranger (needs sipp: apt-get install sip-tester)']);
    expect(addTotals(NO_TESTS, totals)).toEqual(totals);
  });
});
