import { createPrivateKey, hkdfSync } from 'node:crypto';

/**
 * A key of 32 bytes for one purpose, from the private key of a region (HKDF with SHA-256, RFC 5869): it is the same after
 * a restart and for all gateways of the region, and nothing more has to be kept secret. It changes with the private key.
 *
 * @param privateKey PEM
 */
export const derivedKey = (privateKey: Buffer, purpose: string): Buffer => {
  const secret = createPrivateKey(privateKey).export({ type: 'pkcs8', format: 'der' });
  return Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), `tandem ${purpose}`, 32));
};
