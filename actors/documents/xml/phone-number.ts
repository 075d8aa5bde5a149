/**
 * A phone number as it is dialled: E.164 with its plus sign, or 1 to 15 digits as written for a national
 * number or a short code. Spaces, dashes, dots, slashes and brackets are taken out; undefined when something
 * else is left (ITU-T E.164, section 6: at most 15 digits, no country code starts with 0).
 */
export function normalisePhoneNumber(written: string): string | undefined {
  const number = written.replace(/[\s()./-]/g, '');
  return /^(\+[1-9]\d{1,14}|\d{1,15})$/.test(number) ? number : undefined;
}
