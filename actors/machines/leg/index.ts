export type { KeySealing, LegContext, LegEffect } from './leg-context.ts';
export { legKind } from './leg-machine.ts';
export { mediaStates } from './leg-media.ts';
