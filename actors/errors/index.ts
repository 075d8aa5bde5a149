export { define, type ErrorDefinition } from './define.ts';
export type { DocumentPlace } from './document-errors.ts';
export { type ErrorCode, type ErrorParams, registry } from './registry.ts';
export { asRecorded, fromRecorded, isTandemError, TandemError } from './tandem-error.ts';
