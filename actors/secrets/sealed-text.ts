import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { TandemError } from '../errors/index.ts';

/**
 * A secret that is stored, and may be read by some processes only, is sealed to their public keys: X25519 (RFC 7748) with a
 * key of its own for each text, HKDF-SHA-256 (RFC 5869), AES-256-GCM. `context` says what the text is of, and opens it only
 * there.
 */
const PREFIX = 'sealed:1:';
const CIPHER = 'aes-256-gcm';
const TAG_BYTES = 16;
const ID_BYTES = 8;
const PUBLIC_KEY = /^[\w-]{43}$/;
// Each key encrypts one text, so that no nonce comes twice under it.
const NONCE = Buffer.alloc(12);
/** Readers of one text; more are left out. */
const MOST_READERS = 32;

const keyOf = (publicKey: string): KeyObject =>
  createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'X25519', x: publicKey } });
const textOf = (key: KeyObject): string => key.export({ format: 'jwk' }).x as string;
const idOf = (publicKey: string): string =>
  createHash('sha256').update(publicKey).digest().subarray(0, ID_BYTES).toString('base64url');

const secretOf = (privateKey: KeyObject, other: string, ephemeral: string, reader: string): Buffer => {
  const shared = diffieHellman({ privateKey, publicKey: keyOf(other) });
  return Buffer.from(hkdfSync('sha256', shared, `${ephemeral}.${reader}`, 'tandem sealed text 1', 32));
};

/** Whether a text is a sealed one. */
export const isSealed = (text: string): boolean => text.startsWith(PREFIX);

/**
 * A text that only those who have the private keys to these public keys can read; each time another.
 *
 * @throws runtime.not-sealed when one of them is no public key
 */
export function sealFor(publicKeys: readonly string[], text: string, context: string): string {
  const { privateKey, publicKey } = generateKeyPairSync('x25519');
  const ephemeral = textOf(publicKey);
  const sealed = publicKeys.slice(0, MOST_READERS).map((reader) => {
    try {
      if (!PUBLIC_KEY.test(reader)) throw new Error(`“${reader.slice(0, 50)}” is no X25519 key`);
      const cipher = createCipheriv(CIPHER, secretOf(privateKey, reader, ephemeral, reader), NONCE);
      cipher.setAAD(Buffer.from(context));
      const parts = [cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
      return `${idOf(reader)}.${Buffer.concat(parts).toString('base64url')}`;
    } catch (error) {
      throw new TandemError('runtime.not-sealed', { detail: String(error) }, { cause: error });
    }
  });
  return `${PREFIX}${ephemeral}:${sealed.join(',')}`;
}

/** A key pair. What is sealed to one that was created can be read as long as the process lives, and never again. */
export interface SealingKey {
  /** X25519, base64url. */
  readonly publicKey: string;
  /** What was sealed to it. @throws runtime.not-opened */
  open(sealed: string, context: string): string;
}

/** A new one: it is written nowhere. */
export const createSealingKey = (): SealingKey => sealingKey(generateKeyPairSync('x25519').privateKey);

/** Of an X25519 private key as RFC 8410 writes it (PKCS #8), before its 32 bytes. */
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');

/**
 * The one that follows from a secret, for one purpose: whoever has the secret can read what was sealed to it, in another
 * process too, and after a restart. It is as good as the secret is hard to guess.
 */
export function sealingKeyOf(secret: string, purpose: string): SealingKey {
  const seed = Buffer.from(hkdfSync('sha256', secret, '', purpose, 32));
  return sealingKey(createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' }));
}

function sealingKey(privateKey: KeyObject): SealingKey {
  const publicKey = textOf(createPublicKey(privateKey));
  const own = `${idOf(publicKey)}.`;
  return {
    publicKey,
    open(sealed, context) {
      try {
        const [ephemeral = '', readers = ''] = sealed.slice(PREFIX.length).split(':');
        const mine = readers.split(',').find((one) => one.startsWith(own));
        if (!isSealed(sealed) || mine === undefined) throw new Error('it was sealed to others');
        const bytes = Buffer.from(mine.slice(own.length), 'base64url');
        // Each text has one spelling: the bits of a last character that are beyond the bytes are 0 (RFC 4648, 3.5).
        if (own + bytes.toString('base64url') !== mine) throw new Error('it is not base64url');
        const secret = secretOf(privateKey, ephemeral, ephemeral, publicKey);
        const decipher = createDecipheriv(CIPHER, secret, NONCE, { authTagLength: TAG_BYTES });
        decipher.setAAD(Buffer.from(context));
        decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
        return decipher.update(bytes.subarray(0, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
      } catch (error) {
        throw new TandemError('runtime.not-opened', { detail: String(error) }, { cause: error });
      }
    },
  };
}
