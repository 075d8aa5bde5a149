import { describe, expect, it } from '@jest/globals';
import { closedBy, numberInUri } from './destinations.ts';

describe('a number that an account calls', () => {
  it.each([
    ['+15550142', undefined],
    ['112', undefined],
    ['+882161234567', '+882'],
    ['00882161234567', '+882'],
    ['011882161234567', '+882'],
    ['+19005550100', '+1900'],
  ])('%s is closed by %s unless the account says otherwise', (number, prefix) => {
    expect(closedBy(number, {})).toBe(prefix);
  });

  it('is open where the account lists its range, and no further', () => {
    expect(closedBy('+882161234567', { allow: ['+882'] })).toBeUndefined();
    expect(closedBy('+882161234567', { allow: ['+88216'] })).toBeUndefined();
    expect(closedBy('+882161234567', { allow: ['+'] })).toBe('+882');
    expect(closedBy('+4930123', { allow: ['+353', '+44'] })).toBe('');
    expect(closedBy('+353123', { allow: ['+353', '+44'] })).toBeUndefined();
  });

  it('is closed where the account says so: the longer prefix decides, and of the same the one that closes', () => {
    expect(closedBy('+448700', { allow: ['+44'], deny: ['+4487'] })).toBe('+4487');
    expect(closedBy('+44870055', { allow: ['+448700'], deny: ['+4487'] })).toBeUndefined();
    expect(closedBy('+448700', { allow: ['+44'], deny: ['+44'] })).toBe('+44');
  });
});

describe('the number in a SIP URI', () => {
  it.each([
    ['sip:+882161234567@carrier.example', '+882161234567'],
    ['sip:%2B88216-123.4567;npdi@carrier.example', '+882161234567'],
    ['sip:00882161234567:secret@carrier.example', '00882161234567'],
    ['sips:x882161234567@carrier.example', '882161234567'],
    ['sip:100@pbx.example', '100'],
    ['sip:anna@pbx.example', undefined],
    ['sip:desk12@pbx.example', undefined],
    ['sip:pbx.example', undefined],
  ])('%s is %s', (uri, number) => {
    expect(numberInUri(uri)).toBe(number);
  });
});
