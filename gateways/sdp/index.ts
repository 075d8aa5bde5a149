export { agreedMedia, commonCodecs } from './agreed-media.ts';
export { answerOffer } from './answer-offer.ts';
export { RTPMAPS } from './audio-formats.ts';
export { namesHosts, noNames, type ResolveAddresses, withAddresses } from './host-names.ts';
export { makeOffer } from './make-offer.ts';
export { movedTo, originOf } from './move-media.ts';
export { readAnswer } from './read-answer.ts';
export { renewOffer } from './renew-offer.ts';
