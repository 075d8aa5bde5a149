export * as adoption from './adoption.ts';
export { findAdopter, moveLeg, orphaned } from './adoption.ts';
export {
  type CallContext,
  type CallEffect,
  type CallLeg,
  type CallStep,
  type CallSubject,
  type CallTransition,
  type ChoosePath,
  changeLeg,
  command,
  current,
  currentInstruction,
  type Dialling,
  initialCall,
  isAnswered,
  isHere,
  type LegCommand,
  subjectOf,
} from './call-context.ts';
export * as callMedia from './call-media.ts';
export { bridges, comeBack, commandAt, join, playRequest } from './call-media.ts';
export { type CallGuardArgs, callSetup, isCaller } from './call-setup.ts';
export * as caller from './caller.ts';
export { hangUpLegs, playToCaller } from './caller.ts';
export * as document from './document.ts';
export { fetchDocument, sendRequest } from './document.ts';
export * as ending from './ending.ts';
export * as asking from './media-asking.ts';
export { mediaLost } from './media-asking.ts';
export * as making from './media-making.ts';
export { connectPipes, requestPipes } from './media-making.ts';
export { nodeOf, passes } from './media-path.ts';
export { mayReview, review } from './media-review.ts';
export { countKeys, sealKeys, sealKeysAgain, withKey } from './sealed-keys.ts';
export { sendDigits, speak } from './speak.ts';
export { speechElsewhere } from './speech-elsewhere.ts';
export { asStored } from './stored-documents.ts';
