/** The marks with which a text may begin, and what they say of it (RFC 7303, section 3.3). */
const MARKS = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xfe, 0xff], 'utf-16be'],
  [[0xff, 0xfe], 'utf-16le'],
] as const;

/** How XML without a mark begins in UTF-16: with `<` (XML 1.0, appendix F). */
const BEGINNINGS = [
  [[0x00, 0x3c], 'utf-16be'],
  [[0x3c, 0x00], 'utf-16le'],
] as const;

type Signs = readonly (readonly [bytes: readonly number[], charset: string])[];

const told = (body: Uint8Array, signs: Signs): string | undefined =>
  signs.find(([bytes]) => bytes.every((byte, at) => body[at] === byte))?.[1];

/**
 * An answer's body as text: by its byte order mark, else the charset of its content type, else what its bytes and its XML
 * declaration say (RFC 7303, section 3), else as UTF-8. Charsets have the names and meanings of the WHATWG Encoding
 * Standard, in which ISO-8859-1 is windows-1252; one that nobody knows counts as none.
 */
export function decodeBody({ body, contentType }: { body: Buffer; contentType: string }): string {
  const named = /;\s*charset\s*=\s*["']?([^"';\s]+)/i.exec(contentType)?.[1];
  const decoder =
    decoderOf(told(body, MARKS)) ??
    decoderOf(wideAs(body, named)) ??
    decoderOf(told(body, BEGINNINGS)) ??
    decoderOf(declared(body)) ??
    new TextDecoder();
  return decoder.decode(body);
}

/** UTF-16 without a mark is in the order that its first character shows, else big-endian (RFC 2781, section 4.3). */
const wideAs = (body: Buffer, charset: string | undefined): string | undefined =>
  charset?.toLowerCase() === 'utf-16' ? (told(body, BEGINNINGS) ?? 'utf-16be') : charset;

/** What an XML declaration says. One that can be read byte by byte is not in UTF-16, whatever it says. */
function declared(body: Buffer): string | undefined {
  const head = body.toString('latin1', 0, 200);
  const charset = /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(head)?.[1];
  return charset && /^(utf-?16|ucs-?2|iso-10646-ucs-2|unicode)/i.test(charset) ? undefined : charset;
}

function decoderOf(charset: string | undefined) {
  try {
    return charset === undefined ? undefined : new TextDecoder(charset);
  } catch {
    return undefined;
  }
}
