import type { ErrorDefinition } from './define.ts';

export const configErrors = {} satisfies Record<string, ErrorDefinition<never>>;
