import { randomFillSync } from 'node:crypto';

/** Draws text of so many random bytes in hexadecimal, 10 unless given. */
export type DrawToken = (bytes?: number) => string;

/** Random bytes are drawn for many tokens at once: a system call for each would be felt. */
const pool = Buffer.alloc(8192);
let used = pool.length;

/** Unguessable text for tags, branches and Call-IDs (RFC 3261, section 19.3): `bytes` random bytes in hexadecimal. */
export const randomToken: DrawToken = (bytes = 10) => {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const token = pool.toString('hex', used, used + bytes);
  used += bytes;
  return token;
};
