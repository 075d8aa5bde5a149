export { type ApiTls, createApi } from './create-api.ts';
export type { NetworkSource } from './network-routes.ts';
export type { PoliciesSource } from './policies-routes.ts';
