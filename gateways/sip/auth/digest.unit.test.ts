import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { answerChallenge, chooseChallenges, requestDigest } from './digest.ts';
import { parseDigest, quoted } from './digest-parameters.ts';
import { DigestVerifier } from './digest-verifier.ts';

/** RFC 7616, section 3.9.1. */
const example = {
  username: 'Mufasa',
  password: 'Circle of Life',
  realm: 'http-auth@example.org',
  nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
  method: 'GET',
  uri: '/dir/index.html',
  body: Buffer.alloc(0),
  qop: { value: 'auth', cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ', nc: '00000001' },
};

describe('A request digest', () => {
  it.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('by %s is as RFC 7616 has it', (algorithm, expected) => {
    expect(requestDigest({ ...example, algorithm })).toBe(expected);
  });

  it('without qop is as RFC 2617 has it', () => {
    // RFC 2617, section 3.5, computed by the rule of section 3.2.2.1 for a challenge without qop.
    const { qop: _, ...old } = {
      ...example,
      realm: 'testrealm@host.com',
      password: 'Circle Of Life',
      nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
    };
    expect(requestDigest({ ...old, algorithm: 'MD5' })).toBe('670fd8c2df070c60b045671b8b24ff02');
  });

  it('by an unknown algorithm is none', () => {
    expect(requestDigest({ ...example, algorithm: 'MD4' })).toBeUndefined();
  });
});

describe('Digest parameters', () => {
  it('are parsed with quotes, escapes and odd spaces', () => {
    const parsed = parseDigest('digest  realm="a \\"b\\", c",nonce=xyz ,  qop = "auth,auth-int"');
    expect(Object.fromEntries(parsed!)).toEqual({ realm: 'a "b", c', nonce: 'xyz', qop: 'auth,auth-int' });
  });

  it.each(['Basic realm="x"', 'Digest realm="open', 'Digest realm', 'Digest a=1, a=2', ''])(
    'refuse %s',
    (value) => {
      expect(parseDigest(value)).toBeUndefined();
    },
  );

  it('never throw', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseDigest(`Digest ${text}`);
      }),
    );
  });

  it('come back as they were quoted', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseDigest(`Digest x=${quoted(text)}`)?.get('x')).toBe(text);
      }),
    );
  });
});

describe('A challenge', () => {
  it('is chosen by its algorithm', () => {
    const values = ['MD5', 'SHA-256', 'SHA-999'].map(
      (a) => `Digest realm="r", nonce="n", qop="auth", algorithm=${a}`,
    );
    expect(chooseChallenges(values, 'Authorization')).toMatchObject([{ algorithm: 'SHA-256' }]);
  });

  it('is one of each realm, also where one field has several and other schemes among them', () => {
    const field =
      'Basic realm="a, b", Digest realm="one", nonce="x,Digest y=", qop="auth, auth-int",' +
      ' digest  REALM = "two" , nonce=n , stale=TRUE, NTLM, Digest realm="one", nonce="z", algorithm=SHA-256, qop="auth-int , auth"';
    expect(chooseChallenges([field], 'Authorization')).toMatchObject([
      { realm: 'one', algorithm: 'SHA-256', nonce: 'z', qop: 'auth' },
      { realm: 'two', algorithm: 'MD5', nonce: 'n', stale: true },
    ]);
  });

  it('is answered by no algorithm that is not allowed, and by a better one than MD5 not without qop', () => {
    const values = ['Digest realm="r", nonce="n"', 'Digest realm="r", nonce="n", algorithm=SHA-256'];
    expect(chooseChallenges(values, 'Authorization')).toMatchObject([{ algorithm: 'MD5' }]);
    expect(chooseChallenges(values, 'Authorization', ['SHA-256'])).toEqual([]);
  });

  it('is no use without a qop that we have', () => {
    expect(chooseChallenges(['Digest realm="r", nonce="n", qop="frob"'], 'Authorization')).toEqual([]);
  });
});

describe('A digest verifier', () => {
  const known = [{ username: 'trunk', password: 'secret' }];
  const request = { method: 'INVITE', uri: 'sip:1@192.0.2.1', body: Buffer.from('v=0') };
  const peer = '192.0.2.9';

  const setUp = (remembered?: number) => {
    const verifier = new DigestVerifier({
      realm: 'tandem',
      key: Buffer.alloc(32, 7),
      lifetime: 1_000,
      remembered,
    });
    const answer = (count: number, now = 0, password = 'secret', algorithm = 0) => {
      const value = verifier.challenges(peer, now, false)[algorithm]!;
      const challenge = chooseChallenges([value], 'Authorization')[0]!;
      return answerChallenge(challenge, { username: 'trunk', password }, request, count, 'abc');
    };
    return { verifier, answer };
  };

  it.each([0, 1])('takes the right answer to challenge %s once', (algorithm) => {
    const { verifier, answer } = setUp();
    const value = answer(1, 0, 'secret', algorithm);
    expect(verifier.verify(value, request, peer, 500, known)).toBe('right');
    expect(verifier.verify(value, request, peer, 500, known)).toBe('stale');
    expect(verifier.verify(answer(2, 0, 'secret', algorithm), request, peer, 500, known)).toBe('right');
  });

  it('refuses what is wrong', () => {
    const { verifier, answer } = setUp();
    const check = (value: string | undefined, changes: object = {}, from = peer, now = 1) =>
      verifier.verify(value, { ...request, ...changes }, from, now, known);
    expect(check(undefined)).toBe('missing');
    expect(check('Basic abc')).toBe('missing');
    expect(check(answer(1, 0, 'guess'))).toBe('wrong');
    expect(check(answer(1), { method: 'BYE' })).toBe('wrong');
    expect(check(answer(1), { uri: 'sip:2@192.0.2.1' })).toBe('wrong');
    expect(check(answer(1).replace('realm="tandem"', 'realm="other"'))).toBe('wrong');
    expect(check(answer(1).replace('"trunk"', '"nobody"'))).toBe('wrong');
    expect(check(answer(1).replace(/qop=auth, cnonce="abc", nc=00000001/, ''))).toBe('wrong');
    // The nonce was another peer's, or is too old, or from the future, or not ours.
    expect(check(answer(1), {}, '192.0.2.10')).toBe('stale');
    expect(check(answer(1), {}, peer, 1_001)).toBe('stale');
    expect(check(answer(1, 5), {}, peer, 1)).toBe('stale');
  });

  it('takes no algorithm that it does not offer', () => {
    const { verifier, answer } = setUp();
    const byMd5 = answer(1, 0, 'secret', 1);
    expect(verifier.verify(byMd5, request, peer, 1, known, ['SHA-256'])).toBe('wrong');
    expect(verifier.verify(byMd5, request, peer, 1, known, ['MD5'])).toBe('right');
    expect(verifier.challenges(peer, 0, false, ['MD5'])).toEqual([expect.stringContaining('algorithm=MD5')]);
  });

  it('says nothing of passwords to whoever makes nonces up', () => {
    const { verifier } = setUp();
    const challenge = chooseChallenges(verifier.challenges(peer, 0, false), 'Authorization')[0]!;
    const madeUp = (password: string) =>
      answerChallenge({ ...challenge, nonce: '0.made' }, { username: 'trunk', password }, request, 1, 'abc');
    for (const password of ['secret', 'guess'])
      expect(verifier.verify(madeUp(password), request, peer, 1, known)).toBe('stale');
  });

  it('remembers no more nonces than it may', () => {
    const { verifier, answer } = setUp(2);
    const first = answer(1, 0);
    for (const value of [first, answer(1, 1), answer(1, 2)])
      expect(verifier.verify(value, request, peer, 10, known)).toBe('right');
    // What is forgotten is good no more, and neither is what is as old; a newer one is, once.
    expect(verifier.verify(first, request, peer, 10, known)).toBe('stale');
    expect(verifier.verify(answer(2, 0), request, peer, 10, known)).toBe('stale');
    expect(verifier.verify(answer(1, 2), request, peer, 10, known)).toBe('stale');
    expect(verifier.verify(answer(2, 2), request, peer, 10, known)).toBe('right');
  });
});
