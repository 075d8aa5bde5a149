import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { authorize, isStale } from './http-authentication.ts';

// The example of RFC 7616, section 3.9.1.
const MUFASA = { username: 'Mufasa', password: 'Circle of Life' };
const GET = { method: 'GET', target: '/dir/index.html', body: '' };
const CNONCE = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';
const challenge = (more: string) =>
  `Digest realm="http-auth@example.org", ${more}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`;
const SHA256 = challenge('qop="auth, auth-int", algorithm=SHA-256');
const MD5 = challenge('qop="auth, auth-int", algorithm=MD5');

describe('answering HTTP challenges', () => {
  it('is by SHA-256 and MD5 what RFC 7616 has', () => {
    const sha = authorize([SHA256], MUFASA, GET, CNONCE);
    expect(sha).toContain('response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"');
    expect(sha).toMatch(/^Digest username="Mufasa", realm="http-auth@example.org", /);
    for (const part of [
      'uri="/dir/index.html"',
      'algorithm=SHA-256',
      'qop=auth',
      'nc=00000001',
      `cnonce="${CNONCE}"`,
    ])
      expect(sha).toContain(part);
    expect(authorize([MD5], MUFASA, GET, CNONCE)).toContain('response="8ca523f5e9506fed4657c9700eebdbec"');
  });

  it.each([
    [[MD5, SHA256, 'Basic realm="x"'], 'algorithm=SHA-256'],
    [[`${MD5}, Basic realm="x"`], 'algorithm=MD5'],
    [['Basic realm="a, Digest b", Negotiate abc==, NTLM'], 'Basic TXVmYXNhOkNpcmNsZSBvZiBMaWZl'],
    [['Negotiate YWJj==, Basic realm=x'], 'Basic '],
    [[challenge('qop="token", algorithm=SHA-256'), MD5], 'algorithm=MD5'],
    [['dIgEsT NONCE=abc ,, realm = "x"'], 'Digest username="Mufasa", realm="x", nonce="abc"'],
  ])('takes the best that is asked for: %j', (fields, answer) => {
    expect(authorize(fields, MUFASA, GET, CNONCE)).toContain(answer);
  });

  it.each([
    [[]],
    [['Bearer realm="x"']],
    [['Digest realm="x"']],
    [['']],
    [['Digest nonce="x", algorithm=SHA-1']],
  ])('is not possible for %j', (fields: string[]) => expect(authorize(fields, MUFASA, GET)).toBeUndefined());

  it('covers the body where only that is offered, sessions, hidden users and old servers', () => {
    const md5 = (text: string) => createHash('md5').update(text).digest('hex');
    const a1 = md5('Mufasa:r:Circle of Life');
    const post = { method: 'POST', target: '/a?b', body: 'x=1' };
    expect(authorize(['Digest realm="r", nonce="n", qop="auth-int"'], MUFASA, post, 'c')).toContain(
      `response="${md5(`${a1}:n:00000001:c:auth-int:${md5(`POST:/a?b:${md5('x=1')}`)}`)}"`,
    );
    expect(
      authorize(['Digest realm="r", nonce="n", algorithm=MD5-sess, qop=auth'], MUFASA, GET, 'c'),
    ).toContain(`response="${md5(`${md5(`${a1}:n:c`)}:n:00000001:c:auth:${md5('GET:/dir/index.html')}`)}"`);
    const old = authorize(['Digest realm="r", nonce="n"'], MUFASA, GET, 'c');
    expect(old).toContain(`response="${md5(`${a1}:n:${md5('GET:/dir/index.html')}`)}"`);
    expect(old).not.toMatch(/qop|nc=|algorithm/);
    expect(authorize(['Digest realm="r", nonce="n", userhash=true'], MUFASA, GET)).toContain(
      `username="${md5('Mufasa:r')}"`,
    );
    const named = { username: 'Jäsøn "x"', password: 'p' };
    expect(authorize(['Digest realm="r", nonce="n"'], named, GET)).toContain(
      "username*=UTF-8''J%C3%A4s%C3%B8n%20%22x%22",
    );
  });

  it('knows when only the nonce was too old', () => {
    expect(isStale(['Digest realm="r", nonce="n", stale=TRUE'])).toBe(true);
    expect(isStale([SHA256])).toBe(false);
  });
});
