export type { CommandResult, LinkCommand } from './command-outbox.ts';
export { checkFeatures, FEATURES, REQUIRED } from './features.ts';
export type { BothWays, ContestedMedia, GatewayReport, LegQuality, Quality } from './gateway-report.ts';
export { encodeEvent, parseData, type ShippedEvent } from './journal-codec.ts';
export { type LinkListener, listenForRegions } from './link-listener.ts';
export { type LinkLog, silentLog } from './link-log.ts';
export { createLinkServer, type LinkServer, type LinkServerOptions } from './link-server.ts';
export type { AdoptedCall, GatewayPeer, HeldLeg } from './link-session.ts';
export {
  asBuffer,
  type CommandMessage,
  channelOptions,
  connectMethod,
  type FromMain,
  type FromRegion,
  lenient,
  type OwnerMessage,
  type ReportMessage,
  type ResultMessage,
  type TakenMessage,
  type WelcomeMessage,
} from './service.ts';
