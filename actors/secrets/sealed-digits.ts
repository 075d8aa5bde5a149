import { isSealed, type SealingKey, sealFor, sealingKeyOf } from './sealed-text.ts';

// Keys of a Gather that asks for it: a gateway seals each as it is pressed, and the router that asks the application opens
// them. Every router of the main region has the accounts' tokens, so any of them can when another one is gone.

const contextOf = (callSid: string): string => JSON.stringify(['digit', callSid]);

/** The key pair to which the keys of an account's callers are sealed. */
export const digitsKeyOf = (authToken: string): SealingKey =>
  sealingKeyOf(authToken, 'tandem pressed keys 1');

/** A key that was pressed in a call, readable to those only. @throws runtime.not-sealed */
export const sealDigit = (publicKeys: readonly string[], digit: string, callSid: string): string =>
  sealFor(publicKeys, digit, contextOf(callSid));

/** Keys in their order, of which some are sealed. @throws runtime.not-opened */
export function openDigits(digits: readonly string[], callSid: string, authToken: string): string {
  const key = digitsKeyOf(authToken);
  return digits.map((digit) => (isSealed(digit) ? key.open(digit, contextOf(callSid)) : digit)).join('');
}
