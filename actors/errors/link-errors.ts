import type { ErrorDefinition } from './define.ts';

export const linkErrors = {} satisfies Record<string, ErrorDefinition<never>>;
