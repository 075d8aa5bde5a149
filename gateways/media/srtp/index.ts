export { CRYPTO_SUITE, MASTER_KEY_LENGTH, MASTER_SALT_LENGTH } from './key-derivation.ts';
export { SrtpSession } from './srtp-session.ts';
export { withStreamName } from './stream-name.ts';
