export { callsOfApi } from './calls-of-api.ts';
export { networkClient } from './network-client.ts';
