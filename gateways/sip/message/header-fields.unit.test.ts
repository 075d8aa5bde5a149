import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HeaderFields } from './header-fields.ts';

const fields = (...list: [string, string][]): HeaderFields => {
  const headers = new HeaderFields();
  for (const [name, value] of list) headers.append(name, value);
  return headers;
};

describe('HeaderFields', () => {
  it('finds a field in any case and in its compact form', () => {
    const headers = fields(['v', 'SIP/2.0/UDP a'], ['cAlL-iD', '1@a'], ['X-Tandem-Region', 'ie1']);
    expect(headers.get('Via')).toBe('SIP/2.0/UDP a');
    expect(headers.get('i')).toBe('1@a');
    expect(headers.get('x-tandem-region')).toBe('ie1');
    expect([headers.has('VIA'), headers.has('To')]).toEqual([true, false]);
    expect([headers.get('To'), headers.all('To')]).toEqual([undefined, []]);
  });

  it('reads a list the same from one field or several', () => {
    const headers = fields(
      ['Route', '<sip:a;lr>, "x, \\", y" <sip:b,c>;p="1,2"'],
      ['To', '<sip:t@a>'],
      ['route', '<sip:d>'],
    );
    expect(headers.all('Route')).toEqual(['<sip:a;lr>', '"x, \\", y" <sip:b,c>;p="1,2"', '<sip:d>']);
    expect(headers.get('Route')).toBe('<sip:a;lr>');
  });

  it('leaves the commas of a field alone that is no list', () => {
    const date = 'Sat, 13 Nov 2010 23:29:00 GMT';
    const headers = fields(['Date', date], ['Authorization', 'Digest username="a", realm="b"']);
    expect(headers.all('Date')).toEqual([date]);
    expect(headers.get('Authorization')).toBe('Digest username="a", realm="b"');
  });

  it('has no elements in an empty list', () => {
    expect(fields(['Supported', '']).all('Supported')).toEqual([]);
  });

  it('sets a field in its place and removes the others of its name', () => {
    const headers = fields(['f', '1'], ['To', '2'], ['From', '3'], ['CSeq', '4']);
    headers.set('From', 'new').set('Call-ID', '5');
    expect([...headers]).toEqual([
      ['From', 'new'],
      ['To', '2'],
      ['CSeq', '4'],
      ['Call-ID', '5'],
    ]);
  });

  it('sets the first element of a list and leaves the rest', () => {
    const headers = fields(['Via', 'a, b'], ['Via', 'c']);
    expect(headers.setFirst('Via', 'new').all('Via')).toEqual(['new', 'b', 'c']);
    expect(headers.setFirst('Route', '<sip:a>').get('Route')).toBe('<sip:a>');
  });

  it('prepends before the fields of the same name, or before all', () => {
    const headers = fields(['To', '1'], ['Via', 'b']);
    headers.prepend('Via', 'a').prepend('Route', '<sip:r>');
    expect([...headers].map(([, value]) => value)).toEqual(['<sip:r>', '1', 'a', 'b']);
  });

  it('deletes every field of a name, in all its forms', () => {
    const headers = fields(['m', '<sip:a>'], ['To', '1'], ['Contact', '<sip:b>']);
    expect([...headers.delete('contact')]).toEqual([['To', '1']]);
    expect(headers.size).toBe(1);
  });

  it('copies apart', () => {
    const headers = fields(['To', '1']);
    headers.copy().append('To', '2');
    expect(headers.size).toBe(1);
  });

  it.each([
    ['X', 'a\r\nVia: forged'],
    ['X', 'a\nb'],
    ['X:', 'a'],
    ['', 'a'],
    ['X Y', 'a'],
  ])('takes no line breaks, and no name that is no token: %j', (name, value) => {
    for (const change of ['append', 'prepend', 'set', 'setFirst'] as const) {
      expect(() => new HeaderFields()[change](name, value)).toThrow(/header field/);
    }
  });

  it('keeps every element of any list of quoted strings', () => {
    const element = fc
      .string()
      .map((text) => `"${text.replace(/[\r\n]/g, '').replace(/["\\]/g, '\\$&')}" <sip:a,b>`);
    fc.assert(
      fc.property(fc.array(element, { minLength: 1 }), (elements) => {
        expect(fields(['Contact', elements.join(',')]).all('Contact')).toEqual(elements);
      }),
    );
  });
});
