import type { ErrorDefinition } from './define.ts';

export const apiErrors = {} satisfies Record<string, ErrorDefinition<never>>;
