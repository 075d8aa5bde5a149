import { describe, expect, it } from '@jest/globals';
import { extensionsFor, extensionsOf, originFields } from './extension-fields.ts';
import { HeaderFields } from './header-fields.ts';

const fields = (...each: [string, string][]): HeaderFields => {
  const headers = new HeaderFields();
  for (const [name, value] of each) headers.append(name, value);
  return headers;
};
const names = (headers: HeaderFields, trusted = false) =>
  extensionsOf(headers, trusted).map(({ name }) => name);

describe('the X- fields of an INVITE', () => {
  const sent = fields(
    ['Subject', 'no'],
    ['X-Customer', 'Ann, & sons'],
    ['x-tandem-region', 'ie1'],
    ['X-TANDEM-Call', 'CA1'],
  );

  it('are kept as they were written, but for ours', () => {
    expect(extensionsOf(sent, false)).toEqual([{ name: 'X-Customer', value: 'Ann, & sons' }]);
  });

  it('come with what standards have for applications, under the name of the standard', () => {
    const uui = '48656c6c6f;encoding=hex;purpose=isdn-uui';
    const standard = fields(['user-to-user', uui], ['Diversion', '<tel:+15550101>'], ['Identity', 'no']);
    expect(extensionsOf(standard, false)).toEqual([
      { name: 'User-to-User', value: uui },
      { name: 'Diversion', value: '<tel:+15550101>' },
    ]);
  });

  it('include ours when their trunk is trusted', () => {
    expect(names(sent, true)).toEqual(['X-Customer', 'x-tandem-region', 'X-TANDEM-Call']);
  });

  it('are left out when they are too long, and the others are kept', () => {
    const long = fields(['X-A', 'a'.repeat(1025)], [`X-${'b'.repeat(63)}`, 'b'], ['X-C', 'c'.repeat(1024)]);
    expect(names(long)).toEqual(['X-C']);
  });

  it('are bounded in number and in all', () => {
    expect(names(fields(...Array<[string, string]>(40).fill(['X-A', 'a'])))).toHaveLength(32);
    expect(names(fields(...Array<[string, string]>(10).fill(['X-A', 'a'.repeat(1000)])))).toHaveLength(4);
  });
});

describe('the X- fields of an INVITE of ours', () => {
  const asked = [
    { name: 'x-foo', value: 'bar' },
    { name: 'X-Tandem-Region', value: 'forged' },
    { name: 'Route', value: 'forged' },
  ];

  it('are what the application asks for, and say nothing of us', () => {
    expect(extensionsFor(asked)).toEqual([['x-foo', 'bar']]);
  });

  it('are User-to-User, too (RFC 7433), and no identity', () => {
    const uui = { name: 'User-to-User', value: '48;encoding=hex' };
    const forged = { name: 'Diversion', value: '<tel:+15550199>' };
    expect(extensionsFor([uui, forged])).toEqual([['User-to-User', '48;encoding=hex']]);
  });

  it('say where it comes from to whom we trust', () => {
    expect(originFields({ region: 'ie1', gateway: 'gw1', callSid: 'CA1', action: 'dial' })).toEqual([
      ['X-Tandem-Region', 'ie1'],
      ['X-Tandem-Gateway', 'gw1'],
      ['X-Tandem-Call', 'CA1'],
      ['X-Tandem-Action', 'dial'],
    ]);
  });

  it.each(['a\r\nRoute: b', 'a\0', 'a\nb'])('never have a control character: %j', (value) => {
    expect(() => extensionsFor([{ name: 'x-a', value }])).toThrow(/line break/);
  });
});
