import { describe, expect, it } from '@jest/globals';
import { createSealingKey, isSealed, sealFor } from './sealed-text.ts';

const notOpened = expect.objectContaining({ code: 'runtime.not-opened' });

describe('a sealed text', () => {
  it('is read by each whom it was sealed to, where it belongs', () => {
    const [one, other] = [createSealingKey(), createSealingKey()];
    const sealed = sealFor([one.publicKey, other.publicKey], 'kéy', 'call CA1');
    expect(isSealed(sealed)).toBe(true);
    expect(sealed).not.toContain('kéy');
    expect(one.open(sealed, 'call CA1')).toBe('kéy');
    expect(other.open(sealed, 'call CA1')).toBe('kéy');
  });

  it('is read by nobody else, and nowhere else', () => {
    const [reader, other] = [createSealingKey(), createSealingKey()];
    const sealed = sealFor([reader.publicKey], 'key', 'call CA1');
    expect(() => other.open(sealed, 'call CA1')).toThrow(notOpened);
    expect(() => reader.open(sealed, 'call CA2')).toThrow(notOpened);
  });

  it('is not read when one character of it was changed, or when it is none', () => {
    const reader = createSealingKey();
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    // Of three lengths, for the three ways in which base64url ends: the last bit of the last character may be beyond the bytes.
    for (const text of ['k', 'ke', 'key']) {
      const sealed = sealFor([reader.publicKey], text, '');
      for (let at = 0; at < sealed.length; at++) {
        const other = alphabet[alphabet.indexOf(sealed[at] as string) ^ 1] ?? 'A';
        expect(() => reader.open(sealed.slice(0, at) + other + sealed.slice(at + 1), '')).toThrow(notOpened);
      }
    }
    const sealed = sealFor([reader.publicKey], 'key', '');
    for (const text of ['', 'key', 'sealed:1:', 'sealed:1::', sealed.slice(0, -1)])
      expect(() => reader.open(text, '')).toThrow(notOpened);
  });

  it('is another each time', () => {
    const { publicKey } = createSealingKey();
    expect(sealFor([publicKey], 'key', '')).not.toBe(sealFor([publicKey], 'key', ''));
  });

  it.each(['', 'key', 'A'.repeat(43), '!'.repeat(43)])('is not made for “%s”, which is no key', (key) => {
    expect(() => sealFor([key], 'key', '')).toThrow(expect.objectContaining({ code: 'runtime.not-sealed' }));
  });
});
