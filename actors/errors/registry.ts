import { accountErrors } from './account-errors.ts';
import { apiErrors } from './api-errors.ts';
import { borderErrors } from './border-errors.ts';
import { configErrors } from './config-errors.ts';
import type { ErrorDefinition } from './define.ts';
import { documentErrors } from './document-errors.ts';
import { linkErrors } from './link-errors.ts';
import { mediaErrors } from './media-errors.ts';
import { routingErrors } from './routing-errors.ts';
import { runtimeErrors } from './runtime-errors.ts';
import { sipErrors } from './sip-errors.ts';
import { storeErrors } from './store-errors.ts';

/** Every error that Tandem reports, by code. The reference page in docs/ is generated from this list. */
export const registry = {
  ...runtimeErrors,
  ...storeErrors,
  ...documentErrors,
  ...sipErrors,
  ...mediaErrors,
  ...linkErrors,
  ...borderErrors,
  ...configErrors,
  ...apiErrors,
  ...routingErrors,
  ...accountErrors,
};

export type ErrorCode = keyof typeof registry;

/** The parameters that the message of an error code takes. */
export type ErrorParams<C extends ErrorCode> =
  (typeof registry)[C] extends ErrorDefinition<infer P> ? P : never;
