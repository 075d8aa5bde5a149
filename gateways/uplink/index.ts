export { liveCalls } from './live-calls.ts';
export { type MainRegion, openRouterLinks, type RouterLinks } from './router-links.ts';
