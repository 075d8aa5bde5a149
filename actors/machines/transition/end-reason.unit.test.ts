import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asEndReason, END_REASONS, reasonHeader, reasonOfStatus, refusalStatus } from './end-reason.ts';

describe('the reason of a SIP refusal', () => {
  it.each([
    [486, 'busy'],
    [600, 'busy'],
    [408, 'no-answer'],
    [480, 'no-answer'],
    [603, 'declined'],
    [403, 'failed'],
    [607, 'declined'],
    [404, 'not-found'],
    [410, 'not-found'],
    [484, 'not-found'],
    [604, 'not-found'],
    [487, 'cancelled'],
    [500, 'failed'],
    [302, 'failed'],
  ])('%i is %s', (status, reason) => {
    expect(reasonOfStatus(status)).toBe(reason);
  });
});

describe('an end', () => {
  it('has a status to refuse with, of its own or of its reason', () => {
    expect(refusalStatus({ reason: 'busy', status: 600, by: 'router' })).toBe(600);
    for (const reason of END_REASONS) {
      const status = refusalStatus({ reason, by: 'router' });
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(700);
    }
  });

  it('keeps its meaning as a refusal on the other side, where SIP has a status for it', () => {
    for (const reason of ['busy', 'no-answer', 'declined', 'not-found', 'cancelled', 'failed'] as const)
      expect(reasonOfStatus(refusalStatus({ reason, by: 'router' }))).toBe(reason);
  });

  it('is a Reason header of RFC 3326 whatever its detail says', () => {
    expect(reasonHeader({ reason: 'completed', by: 'peer' })).toBe('Q.850;cause=16;text="completed"');
    expect(reasonHeader({ reason: 'busy', detail: 'say "no"\r\nVia: x\\é', by: 'peer' })).toBe(
      'Q.850;cause=17;text="say  no   Via: x  "',
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...END_REASONS),
        fc.string({ unit: 'binary', maxLength: 300 }),
        (reason, detail) => {
          const header = reasonHeader({ reason, detail, by: 'router' });
          expect(header).toMatch(/^Q\.850;cause=\d+;text="[ !#-[\]-~]{0,120}"$/);
        },
      ),
    );
  });
});

describe('a reason in a message', () => {
  it('is one of ours, or a failure', () => {
    for (const reason of END_REASONS) expect(asEndReason(reason)).toBe(reason);
    for (const reason of ['', 'toString', 'Completed']) expect(asEndReason(reason)).toBe('failed');
  });
});
