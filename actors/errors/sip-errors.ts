import type { ErrorDefinition } from './define.ts';

export const sipErrors = {} satisfies Record<string, ErrorDefinition<never>>;
