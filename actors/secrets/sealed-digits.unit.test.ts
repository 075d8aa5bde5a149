import { describe, expect, it } from '@jest/globals';
import { digitsKeyOf, openDigits, sealDigit } from './sealed-digits.ts';
import { createSealingKey, sealFor } from './sealed-text.ts';

const TOKEN = 'a token of sixteen';
const { publicKey } = digitsKeyOf(TOKEN);

describe('keys that were pressed', () => {
  it('are opened in their order, by whoever has the account’s token', () => {
    const pressed = ['4', '1', '*'].map((digit) => sealDigit([publicKey], digit, 'CA1'));
    expect(openDigits([...pressed, '7'], 'CA1', TOKEN)).toBe('41*7');
    expect(digitsKeyOf(TOKEN).publicKey).toBe(publicKey);
  });

  it('look alike, however often one is pressed', () => {
    const [one, other] = [sealDigit([publicKey], '4', 'CA1'), sealDigit([publicKey], '4', 'CA1')];
    expect(one).not.toBe(other);
    expect(one).toHaveLength(sealDigit([publicKey], '9', 'CA1').length);
  });

  it.each([
    ['with another token', [publicKey], 'CA1', 'another token, longer'],
    ['in another call', [publicKey], 'CA2', TOKEN],
    ['when they were sealed to nobody', [], 'CA1', TOKEN],
    ['when they were sealed to others', [createSealingKey().publicKey], 'CA1', TOKEN],
  ])('are not opened %s', (_when, keys, callSid, token) => {
    const sealed = sealDigit(keys, '4', 'CA1');
    expect(() => openDigits([sealed], callSid, token)).toThrow(
      expect.objectContaining({ code: 'runtime.not-opened' }),
    );
  });

  it('are no other texts that were sealed to the account', () => {
    expect(() => openDigits([sealFor([publicKey], '4', 'CA1')], 'CA1', TOKEN)).toThrow();
  });
});
