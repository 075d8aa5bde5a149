import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { SrtpKey } from './key-derivation.ts';

/** Bytes of the tag that proves a packet (RFC 7714, section 13.2). */
export const TAG_LENGTH = 16;

const ALGORITHM = 'aes-256-gcm';
const OPTIONS = { authTagLength: TAG_LENGTH };

const nonce = Buffer.alloc(12);

/** 2 bytes of zeros, the SSRC and 6 bytes of index, all mixed with the salt (RFC 7714, sections 8.1 and 9.1). */
const nonceOf = (salt: Uint8Array, ssrc: number, index: number): Uint8Array => {
  nonce.writeUInt16BE(0, 0);
  nonce.writeUInt32BE(ssrc, 2);
  nonce.writeUIntBE(index, 6, 6);
  for (let at = 0; at < nonce.length; at++) nonce[at]! ^= salt[at]!;
  return nonce;
};

/** Encrypts `plain`, which is `proven` together with it. One SSRC and index must never come twice with a key. */
export const seal = (
  { key, salt }: SrtpKey,
  ssrc: number,
  index: number,
  proven: Uint8Array,
  plain: Uint8Array,
): [text: Uint8Array, tag: Uint8Array] => {
  const cipher = createCipheriv(ALGORITHM, key, nonceOf(salt, ssrc, index), OPTIONS);
  cipher.setAAD(proven);
  const text = cipher.update(plain);
  cipher.final();
  return [text, cipher.getAuthTag()];
};

/** @returns undefined when it was not sealed with this key, or anything of it was changed */
export const open = (
  { key, salt }: SrtpKey,
  ssrc: number,
  index: number,
  proven: Uint8Array,
  text: Uint8Array,
  tag: Uint8Array,
): Uint8Array | undefined => {
  const decipher = createDecipheriv(ALGORITHM, key, nonceOf(salt, ssrc, index), OPTIONS);
  decipher.setAAD(proven);
  decipher.setAuthTag(tag);
  const plain = decipher.update(text);
  try {
    decipher.final();
    return plain;
  } catch {
    return undefined;
  }
};
