export { FailedTargets } from './failed-targets.ts';
export { type LocateOptions, locateHop } from './locate-hop.ts';
export { isPrivateHost } from './private-host.ts';
export { type Addressee, createReachPolicy, type ReachPolicy } from './reach-policy.ts';
export { createSipResolver, type SipResolver } from './sip-resolver.ts';
