import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Login } from '../../net/index.ts';
import { type Cookie, CookieJar } from './cookie-jar.ts';
import { Logins } from './logins.ts';

/** What only the account's router can open. */
export interface SessionKey {
  readonly authToken: string;
  readonly callSid: string;
}

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

interface Kept {
  readonly cookies: readonly Cookie[];
  readonly logins: readonly (readonly [string, Login])[];
}

/**
 * What a call keeps of its application's between two requests, and shows nobody: cookies, and the user names and passwords
 * of URLs. It is a fact of the call's stream, so that it is there after a restart, sealed with a key that follows from
 * the account's token: whoever has the store alone cannot read it. With another token it is lost.
 */
export class ApplicationSession {
  readonly cookies: CookieJar;
  readonly logins: Logins;
  readonly #key: SessionKey;
  readonly #before: string;

  private constructor({ cookies, logins }: Kept, key: SessionKey) {
    this.cookies = new CookieJar(cookies);
    this.logins = new Logins(logins);
    this.#key = key;
    this.#before = this.#asText();
  }

  /** Opens what was sealed; an empty one when nothing was, or when the key is not the one that it was sealed with. */
  static open(sealed: string | undefined, key: SessionKey): ApplicationSession {
    return new ApplicationSession(unsealed(sealed, key) ?? { cookies: [], logins: [] }, key);
  }

  /** Sealed, when it has changed since it was opened. */
  sealed(): string | undefined {
    const text = this.#asText();
    if (text === this.#before) return undefined;
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, keyOf(this.#key), iv);
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
  }

  #asText(): string {
    const kept: Kept = { cookies: this.cookies.cookies, logins: this.logins.entries };
    return JSON.stringify(kept);
  }
}

/** A key of its own for each call (RFC 5869). */
const keyOf = ({ authToken, callSid }: SessionKey): Buffer =>
  Buffer.from(hkdfSync('sha256', authToken, callSid, 'tandem application session', 32));

function unsealed(sealed: string | undefined, key: SessionKey): Kept | undefined {
  if (sealed === undefined) return undefined;
  const bytes = Buffer.from(sealed, 'base64url');
  try {
    const decipher = createDecipheriv(CIPHER, keyOf(key), bytes.subarray(0, IV_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
    return JSON.parse(text.toString()) as Kept;
  } catch {
    return undefined;
  }
}
