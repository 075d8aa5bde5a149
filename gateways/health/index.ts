export { GatewayActor } from './gateway-actor.ts';
export { GatewayReporter } from './gateway-reporter.ts';
export { MediaContests } from './media-contests.ts';
export { MediaWays } from './media-ways.ts';
export { TrunkWatch, type WatchedTrunk } from './trunk-watch.ts';
