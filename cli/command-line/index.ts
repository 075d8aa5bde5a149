export { newNode, version } from './node-identity.ts';
export {
  asksNetwork,
  DEFAULT_CONFIG,
  NETWORK_HELP,
  type NetworkCommandOptions,
  STORE_HELP,
  type StoreOptions,
  takesStore,
  wholeNumber,
} from './options.ts';
export { describeFailure } from './report-error.ts';
