export { type Clock, systemClock, type Timer } from './clock.ts';
export { contactUri, isSecure, wantsSecureContact } from './contact-uri.ts';
export { ExpectedPeers } from './expected-peers.ts';
export { type Flow, isIPv6Address, type TransportName } from './flow.ts';
export { GuessLimit } from './guess-limit.ts';
export { type Hop, hopOf } from './hop.ts';
export { openTransportLayer } from './open-transport-layer.ts';
export { PeerConnection } from './peer-connection.ts';
export { responseFlow, responseFlowAfterClose } from './response-flow.ts';
export type { SipTransport } from './sip-transport.ts';
export { sendError, sendErrorTo } from './transport-errors.ts';
export type { ListeningPoint, TransportCounters, TransportLayer } from './transport-layer.ts';
export {
  defaultPort,
  transportOf,
  transports,
  usualTransport,
} from './transports.ts';
