export { describeEffect } from './describe-effect.ts';
export { describeEvent, type Names } from './describe-event.ts';
export { stateChange } from './state-change.ts';
