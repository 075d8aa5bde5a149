import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { splitCredentials, withoutCredentials } from './url-credentials.ts';

describe('credentials in URLs', () => {
  it('become a login', () => {
    const url = 'https://anna:p%40ss%20w%C3%B6rd@a.example:8443/b?c=d#e';
    expect(splitCredentials(new URL(url))).toEqual({
      url: 'https://a.example:8443/b?c=d',
      login: { username: 'anna', password: 'p@ss wörd' },
    });
    expect(splitCredentials(new URL('http://a.example'))).toEqual({ url: 'http://a.example/' });
  });

  it('are taken as written when they are not rightly encoded', () => {
    const { login } = splitCredentials(new URL('http://anna:100%@a.example/'));
    expect(login).toEqual({ username: 'anna', password: '100%' });
  });

  it('are never shown, also of what is no URL', () => {
    const word = fc.stringMatching(/^[a-z0-9]{8,20}$/);
    const host = fc.constantFrom('a.example', 'a.example:99999', '', '[', 'a b', '10.0.0.1:80');
    fc.assert(
      fc.property(word, word, host, (user, password, name) => {
        const shown = withoutCredentials(`http://${user}:${password}@${name}/path`);
        expect(shown).not.toContain(user);
        expect(shown).not.toContain(password);
      }),
    );
  });
});
