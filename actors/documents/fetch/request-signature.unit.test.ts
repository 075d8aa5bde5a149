import { describe, expect, it } from '@jest/globals';
import { sign, signBody, verify, verifyBody } from './request-signature.ts';

const token = '12345';
const url = 'https://mycompany.com/myapp.php?foo=1&bar=2';
const params = { CallSid: 'CA1234567890ABCDE', Digits: '1234', To: '+18005551212' };
const from = (number: string) => ({ ...params, Caller: number, From: number });

describe('X-Twilio-Signature', () => {
  it("is what Twilio's documentation gives for its examples", () => {
    expect(sign(token, url, from('+14158675309'))).toBe('RSOYDt4T1cUTdK1PDd93/VVr8B8=');
    expect(sign(token, url, from('+12349013030'))).toBe('0/KCTR6DLpKmkAf8muzZqo1nDgQ=');
  });

  it('signs the URL alone without parameters, and several values of one name once each, in order', () => {
    expect(sign(token, url)).toBe(sign(token, url, {}));
    expect(sign(token, url, { a: ['2', '1', '2'] })).toBe(sign(token, `${url}a1a2`));
  });

  it('is verified', () => {
    const signature = sign(token, url, params);
    expect(verify(token, signature, url, params)).toBe(true);
    expect(verify('12346', signature, url, params)).toBe(false);
    expect(verify(token, signature, `${url}&x=1`, params)).toBe(false);
    expect(verify(token, signature, url, { ...params, Digits: '1235' })).toBe(false);
    for (const wrong of ['', 'ü', signature.slice(1), `${signature}=`]) {
      expect(verify(token, wrong, url, params)).toBe(false);
    }
  });

  it('covers a body that is no form by its hash in the URL', () => {
    const body = JSON.stringify({ a: 1 });
    const signed = signBody(token, 'https://example.com/status', body);
    expect(signed.url).toBe(
      'https://example.com/status?bodySHA256=015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862',
    );
    expect(signBody(token, url, body).url).toContain('bar=2&bodySHA256=');
    expect(verifyBody(token, signed.signature, signed.url, body)).toBe(true);
    expect(verifyBody(token, signed.signature, signed.url, `${body} `)).toBe(false);
    expect(
      verifyBody(token, sign(token, 'https://example.com/status'), 'https://example.com/status', body),
    ).toBe(false);
  });
});
