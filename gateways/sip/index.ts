export { BoundCredentials, DIGEST_ALGORITHMS, type DigestAlgorithm } from './auth/index.ts';
export { BackToBackAgent } from './back-to-back.ts';
export type {
  AgentCounters,
  ClientSession,
  DialogSession,
  IncomingInvite,
  ServerSession,
  SessionEvents,
  SessionListener,
  UserAgent,
} from './dialog/index.ts';
export { createReachPolicy, createSipResolver } from './locate/index.ts';
export {
  buildRequest,
  buildResponse,
  type Content,
  escapeUser,
  type Header,
  inNetworks,
  type Origin,
  originFields,
  parseHostPort,
  parseMessage,
  type ResponseParts,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  sdpContent,
  serializeMessage,
} from './message/index.ts';
export type { Unavailable } from './transaction/index.ts';
export {
  defaultPort,
  type Hop,
  hopOf,
  openTransportLayer,
  type TransportCounters,
  type TransportName,
  transportOf,
  transports,
} from './transport/index.ts';
export { createUserAgent } from './user-agent.ts';
