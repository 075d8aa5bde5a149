export { answeredTooLate, placeLeg, requestLeg } from './dial/index.ts';
export { MAX_SAY_LENGTH } from './say/index.ts';
export { nextIs, type Verb } from './verb.ts';
export { tags, verbs } from './verbs.ts';
