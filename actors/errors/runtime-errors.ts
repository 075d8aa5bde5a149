import type { ErrorDefinition } from './define.ts';

export const runtimeErrors = {} satisfies Record<string, ErrorDefinition<never>>;
