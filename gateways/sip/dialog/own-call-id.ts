import { createHmac, timingSafeEqual } from 'node:crypto';
import { type DrawToken, randomToken } from '../message/index.ts';

/** Bytes of a signature that are kept: enough that nobody finds another text to it by trying. */
const SIGNATURE_BYTES = 15;

/**
 * Call-IDs of which can be told later that they are ours (RFC 3261, section 8.1.1.4), without remembering them: `random`,
 * a point, a signature over that and our tag, `@`, our domain.
 */
export class OwnCallIds {
  readonly #key: Buffer;
  readonly #domain: string;

  readonly #drawToken: DrawToken;

  /** @param key a secret of 32 bytes; gateways that share it know each other's calls */
  constructor(key: Buffer, domain: string, drawToken: DrawToken = randomToken) {
    this.#drawToken = drawToken;
    this.#key = key;
    this.#domain = domain;
  }

  /** @param localTag our tag in the call */
  create(localTag: string): string {
    const random = this.#drawToken(12);
    return `${random}.${this.#sign(random, localTag)}@${this.#domain}`;
  }

  /** Whether a call with this Call-ID and this tag of the caller's was made with this key. */
  isOurs(callId: string, localTag: string): boolean {
    const [random, signature, ...more] = callId.slice(0, callId.indexOf('@')).split('.');
    if (signature === undefined || more.length > 0) return false;
    const [expected, given] = [Buffer.from(this.#sign(random!, localTag)), Buffer.from(signature)];
    return expected.length === given.length && timingSafeEqual(expected, given);
  }

  #sign(random: string, localTag: string): string {
    const mac = createHmac('sha256', this.#key).update(`${random} ${localTag}`).digest();
    return mac.toString('hex', 0, SIGNATURE_BYTES);
  }
}
