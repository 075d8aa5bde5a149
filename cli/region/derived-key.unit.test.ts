import { generateKeyPairSync } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { derivedKey } from './derived-key.ts';

const pem = (type: 'pkcs8' | 'sec1', key: ReturnType<typeof generate>): Buffer =>
  Buffer.from(key.export({ type, format: 'pem' }));
const generate = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

it('A derived key is the same for the same private key, however that is written, and another for each purpose', () => {
  const key = generate();
  const derived = derivedKey(pem('pkcs8', key), 'one');
  expect(derived).toHaveLength(32);
  expect(derivedKey(pem('sec1', key), 'one')).toEqual(derived);
  expect(derivedKey(pem('pkcs8', key), 'other')).not.toEqual(derived);
  expect(derivedKey(pem('pkcs8', generate()), 'one')).not.toEqual(derived);
});
