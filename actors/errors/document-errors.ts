import type { ErrorDefinition } from './define.ts';

export const documentErrors = {} satisfies Record<string, ErrorDefinition<never>>;
