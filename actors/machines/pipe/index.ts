export type { PipeEffect } from './pipe-context.ts';
export { pipeKind } from './pipe-machine.ts';
