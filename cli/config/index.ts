export { overridesOf } from './environment.ts';
export { ageOf, type KeyOptions, writeOf } from './fields.ts';
export { formatFileError } from './file-error.ts';
export { loadGatewayConfig, loadMediaConfig, loadRegionConfig } from './gateway-config.ts';
export { type ConfigKind, checkConfig, kindOf, loadConfig, readConfig, schemas } from './load.ts';
export type { MainConfig } from './main-config.ts';
export { checkPolicyList } from './policy-list.ts';
export type { RegionConfig } from './region-config.ts';
export { staticNumbersOf } from './static-numbers.ts';
