import { expect, it } from '@jest/globals';
import { HIDDEN, hideKeys } from './hide-keys.ts';

it('keys of encrypted media are shown to nobody, however deep', () => {
  const end = (srtpKey: string) => ({
    address: '192.0.2.1',
    port: 1,
    srtpSuite: 'AEAD_AES_256_GCM',
    srtpKey,
  });
  const data = { end: end('abc'), list: [{ peer: end('def') }], nothing: null, count: 1 };
  expect(hideKeys(data)).toEqual({ ...data, end: end(HIDDEN), list: [{ peer: end(HIDDEN) }] });
  expect(data.end.srtpKey).toBe('abc');
});
