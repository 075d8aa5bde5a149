import { describe, expect, it } from '@jest/globals';
import { createAuthenticate } from './accounts.ts';

const authenticate = createAuthenticate([
  { sid: 'AC1', authToken: 'first token of all' },
  { sid: 'AC2', authToken: 'with:a colon' },
]);
const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;

describe('an Authorization header', () => {
  it.each([
    ['AC1:first token of all', 'AC1'],
    ['AC2:with:a colon', 'AC2'],
  ])('%s speaks for %s', (pair, sid) => {
    expect(authenticate(basic(pair))).toBe(sid);
  });

  it.each([
    ['that is missing', undefined],
    ['that is empty', ''],
    ['of another scheme', 'Bearer AC1'],
    ['that is no base64', 'Basic !!!!'],
    ['without a colon', basic('AC1')],
    ['without a token', basic('AC1:')],
    ['with a wrong token', basic('AC1:first token of al')],
    ['with another account\u2019s token', basic('AC1:with:a colon')],
    ['of an unknown account', basic('AC3:')],
    ['without an account', basic(':')],
    ['that is endless', `Basic ${'A'.repeat(100_000)}`],
  ])('%s speaks for nobody', (_what, header) => {
    expect(() => authenticate(header)).toThrow('account SID or auth token is missing or wrong');
  });
});
