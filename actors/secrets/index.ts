export { digitsKeyOf, openDigits, sealDigit } from './sealed-digits.ts';
export { createSealingKey, isSealed, type SealingKey, sealFor } from './sealed-text.ts';
