import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { derivedSid, derivedUuid } from './derived-id.ts';

describe('a derived UUID', () => {
  it('is one of RFC 9562, version 8, whatever it is derived from', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (source, purpose) => {
        expect(derivedUuid(source, purpose)).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
      }),
    );
  });

  it('is the same for the same source and purpose, and another for another of either', () => {
    expect(derivedUuid('one', 'call')).toBe(derivedUuid('one', 'call'));
    expect(derivedUuid('one', 'call')).not.toBe(derivedUuid('one', 'effect'));
    expect(derivedUuid('one', 'call')).not.toBe(derivedUuid('two', 'call'));
  });

  it('stays what it was: ids that are stored were derived by it', () => {
    expect(derivedUuid('10000000-0000-4000-8000-000000000000', 'call')).toMatchInlineSnapshot(
      `"383236ce-7779-862d-8251-feb121634cf5"`,
    );
  });
});

describe('a derived SID', () => {
  it('is its prefix and 32 hex digits', () => {
    expect(derivedSid('LE', 'one', 'target 0')).toMatch(/^LE[0-9a-f]{32}$/);
    expect(derivedSid('LE', 'one', 'target 0')).not.toBe(derivedSid('LE', 'one', 'target 1'));
    expect(derivedSid('LE', 'one', 'x').slice(2)).toBe(derivedSid('PL', 'one', 'x').slice(2));
  });
});
