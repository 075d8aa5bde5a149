export { parseAddress } from './address.ts';
export { familyOf, inNetworks, readNetwork } from './address-list.ts';
export {
  buildCancel,
  buildRefusalAck,
  buildRequest,
  buildResponse,
  type Content,
  type Header,
  type ResponseParts,
  sdpContent,
} from './build-message.ts';
export { checkMessage } from './check-message.ts';
export { parseCSeq } from './cseq.ts';
export { extensionsFor, extensionsOf, type Origin, originFields } from './extension-fields.ts';
export { digitContent, readDigit } from './info-digit.ts';
export {
  CONNECT_INSTEAD_MS,
  CONNECT_MS,
  CONNECTION_IDLE_MS,
  COPIED_ANSWER_CHARACTERS,
  DEFAULT_MESSAGES_PER_SECOND,
  MAX_CONNECTIONS,
  MAX_CONNECTIONS_PER_SOURCE,
  MAX_ECHOED_CHARACTERS,
  MAX_EXPECTED_PEERS,
  MAX_EXPECTED_PEERS_PER_DIALOG,
  MAX_FAILED_TARGETS,
  MAX_GUESSING_PEERS,
  MAX_HEAD_BYTES,
  MAX_HOST_ADDRESSES,
  MAX_MESSAGE_BYTES,
  MAX_RATED_SOURCES,
  MAX_SERVERS,
  MAX_TARGETS,
  MAX_UNSENT_BYTES,
  MAX_WRONG_CREDENTIALS,
  MESSAGE_COMPLETION_MS,
  STRANGERS_MESSAGES_PER_SECOND,
  WRONG_CREDENTIALS_MS,
} from './limits.ts';
export type { SipMessage, SipRequest, SipResponse } from './message.ts';
export {
  branchOf,
  callId,
  expiresOf,
  fromTag,
  lists,
  sdpOf,
  sequence,
  sequenceMethod,
  toTag,
} from './message-fields.ts';
export { areServed, isMultipart, partsOf } from './multipart.ts';
export { ownText } from './own-text.ts';
export { parseMessage } from './parse-message.ts';
export { type DrawToken, randomToken } from './random-token.ts';
export { reasonHeader, reasonOf } from './reason.ts';
export { isTooLargeForUdp, serializeMessage } from './serialize-message.ts';
export { phraseOf } from './status-phrases.ts';
export { escapeUser, malformed, quote, splitOutside, unescapeUri } from './syntax.ts';
export { formatHost, parseHostPort, parseUri, type TelUri } from './uri.ts';
export { BRANCH_COOKIE, formatVia, parseVia, type Via } from './via.ts';
