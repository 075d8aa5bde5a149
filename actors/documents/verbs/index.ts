export { MAX_SAY_LENGTH } from './say.ts';
export { tags, verbs } from './verbs.ts';
