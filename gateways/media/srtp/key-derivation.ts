import { createCipheriv, createSecretKey, type KeyObject } from 'node:crypto';

/** The crypto suite of pipes (RFC 7714, section 14.1). */
export const CRYPTO_SUITE = 'AEAD_AES_256_GCM';

/** Bytes of a master key and of its salt (RFC 7714, section 12). */
export const MASTER_KEY_LENGTH = 32;
export const MASTER_SALT_LENGTH = 12;

/** Bytes of the salt that the derivation takes; a shorter one is filled up with zeros at its end. */
const DERIVATION_SALT_LENGTH = 14;
/** Where in that salt the label lies: before the index, which is 0 as keys are derived once (RFC 3711, section 4.3.1). */
const LABEL_AT = 7;

/** What each derived key is for (RFC 3711, section 4.3.2). An AEAD has no authentication keys. */
const LABEL = {
  rtpEncryption: 0,
  rtpSalt: 2,
  rtcpEncryption: 3,
  rtcpSalt: 5,
} as const;

/** What packets of one kind are encrypted with. */
export interface SrtpKey {
  readonly key: KeyObject;
  /** 12 bytes. */
  readonly salt: Uint8Array;
}

export interface SessionKeys {
  readonly rtp: SrtpKey;
  readonly rtcp: SrtpKey;
}

/**
 * Bytes that follow from a master key, for one purpose: AES in counter mode over zeros (RFC 3711, section 4.3.3; with
 * 256 bits RFC 6188, section 3).
 *
 * @param salt 14 bytes at the most
 */
export const derive = (key: Uint8Array, salt: Uint8Array, label: number, length: number): Buffer => {
  const counter = Buffer.alloc(16);
  counter.set(salt.subarray(0, DERIVATION_SALT_LENGTH));
  counter[LABEL_AT]! ^= label;
  return createCipheriv('aes-256-ctr', key, counter).update(Buffer.alloc(length));
};

/** The keys of one direction. @param master 32 bytes of key, then 12 of salt, as they are signalled */
export const sessionKeys = (master: Uint8Array): SessionKeys => {
  const key = master.subarray(0, MASTER_KEY_LENGTH);
  const salt = master.subarray(MASTER_KEY_LENGTH);
  const pair = (encryption: number, salting: number): SrtpKey => ({
    key: createSecretKey(derive(key, salt, encryption, MASTER_KEY_LENGTH)),
    salt: derive(key, salt, salting, MASTER_SALT_LENGTH),
  });
  return {
    rtp: pair(LABEL.rtpEncryption, LABEL.rtpSalt),
    rtcp: pair(LABEL.rtcpEncryption, LABEL.rtcpSalt),
  };
};
