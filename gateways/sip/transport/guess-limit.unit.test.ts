import { expect, it } from '@jest/globals';
import { MAX_GUESSING_PEERS, MAX_WRONG_CREDENTIALS, WRONG_CREDENTIALS_MS } from '../message/limits.ts';
import { GuessLimit } from './guess-limit.ts';

const address = '192.0.2.9';
const guessed = (times: number, limit = new GuessLimit()): GuessLimit => {
  for (let count = 0; count < times; count += 1) limit.wrong(address, count);
  return limit;
};

it('an address may be wrong so often, and then waits until a while after its first time', () => {
  expect(guessed(MAX_WRONG_CREDENTIALS - 1).waits(address, 100)).toBe(0);
  const limit = guessed(MAX_WRONG_CREDENTIALS);
  expect(limit.waits(address, 100)).toBe(WRONG_CREDENTIALS_MS - 100);
  expect(limit.waits('192.0.2.10', 100)).toBe(0);
  expect(limit.waits(address, WRONG_CREDENTIALS_MS)).toBe(0);
  limit.wrong(address, WRONG_CREDENTIALS_MS);
  expect(limit.waits(address, WRONG_CREDENTIALS_MS + 1)).toBe(0);
});

it('no more addresses are remembered than there may be', () => {
  const limit = guessed(MAX_WRONG_CREDENTIALS);
  for (let other = 0; other < MAX_GUESSING_PEERS - 1; other += 1) limit.wrong(`peer ${other}`, 100);
  expect(limit.waits(address, 100)).toBeGreaterThan(0);
  limit.wrong('one more', 100);
  expect(limit.waits(address, 100)).toBe(0);
});
