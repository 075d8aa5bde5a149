import type { ErrorDefinition } from './define.ts';

export const mediaErrors = {} satisfies Record<string, ErrorDefinition<never>>;
