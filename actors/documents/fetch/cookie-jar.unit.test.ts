import { describe, expect, it } from '@jest/globals';
import { COOKIE_LIMITS, CookieJar } from './cookie-jar.ts';

const url = (text: string) => new URL(text);
const jarWith = (field: string | string[], from = 'http://app.example.com/ivr/start', now = () => 0) => {
  const jar = new CookieJar([], now);
  jar.take([field].flat(), url(from));
  return jar;
};

describe('cookies', () => {
  it('come back to the host that set them, in one header, the longer path first', () => {
    const jar = jarWith(['a=1', 'b="2; x"; Path=/', 'c=3; HttpOnly; SameSite=Lax; Path=/ivr/start']);
    expect(jar.headerFor(url('http://app.example.com/ivr/start'))).toBe('c=3; a=1; b="2');
    expect(jar.headerFor(url('http://app.example.com:8080/ivr/next?x'))).toBe('a=1; b="2');
    expect(jar.headerFor(url('http://app.example.com/ivrx'))).toBe('b="2');
  });

  it.each([
    ['a=1', 'http://app.example.com/ivr/x', true],
    ['a=1', 'http://www.app.example.com/ivr/x', false],
    ['a=1', 'http://other.example.com/ivr/x', false],
    ['a=1', 'http://app.example.com/other', false],
    ['a=1; Domain=example.com; Path=/', 'http://other.example.com/', true],
    ['a=1; Domain=.Example.com; Path=/', 'http://example.com/', true],
    ['a=1; Domain=app.example.com; Path=/', 'http://x.app.example.com/', true],
    ['a=1; Domain=example.com; Path=/', 'http://evilexample.com/', false],
    ['a=1; Domain=evil.example; Path=/', 'http://evil.example/', false],
    ['a=1; Domain=com; Path=/', 'http://other.com/', false],
    ['a=1; Domain=www.app.example.com; Path=/', 'http://www.app.example.com/', false],
    ['a=1; Path=elsewhere', 'http://app.example.com/ivr/x', true],
    ['a=1; Secure', 'https://app.example.com/ivr/x', false],
    ['=1', 'http://app.example.com/ivr/x', false],
    ['a', 'http://app.example.com/ivr/x', false],
    ['a=\u0001', 'http://app.example.com/ivr/x', false],
    [`a=${'x'.repeat(5000)}`, 'http://app.example.com/ivr/x', false],
  ])('%s, set by app.example.com, to %s: %s', (field, to, sent) => {
    expect(jarWith(field).headerFor(url(to)) !== undefined).toBe(sent);
  });

  it('of addresses are for these addresses only, and secure ones for https', () => {
    const jar = jarWith('a=1; Domain=0.0.1; Path=/', 'http://127.0.0.1/');
    expect(jar.cookies).toEqual([]);
    const secure = jarWith('a=1; Secure; Path=/', 'https://app.example.com/');
    expect(secure.headerFor(url('http://app.example.com/'))).toBeUndefined();
    expect(secure.headerFor(url('https://app.example.com/'))).toBe('a=1');
  });

  it('end, are replaced, and are taken back', () => {
    let now = 1_000_000;
    const jar = jarWith(
      ['a=1; Max-Age=10; Expires=Wed, 09 Jun 2021 10:18:14 GMT', 'b=2'],
      undefined,
      () => now,
    );
    const at = url('http://app.example.com/ivr/x');
    expect(jar.headerFor(at)).toBe('a=1; b=2');
    jar.take(['a=3; Max-Age=20'], at);
    now += 15_000;
    expect(jar.headerFor(at)).toBe('a=3; b=2');
    jar.take(['b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT'], at);
    expect(jar.headerFor(at)).toBe('a=3');
    now += 10_000;
    expect(jar.headerFor(at)).toBeUndefined();
  });

  it('are few and small: the oldest go', () => {
    const many = jarWith(Array.from({ length: 60 }, (_, index) => `a${index}=1`));
    expect(many.cookies).toHaveLength(COOKIE_LIMITS.count);
    expect(many.cookies.at(-1)).toMatchObject({ name: 'a59' });
    const large = jarWith(Array.from({ length: 10 }, (_, index) => `a${index}=${'x'.repeat(4000)}`));
    expect(large.cookies.map(({ name }) => name)).toEqual(['a6', 'a7', 'a8', 'a9']);
  });
});
