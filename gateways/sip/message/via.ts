import { formatParameters, type Parameters, parseParameters } from './parameters.ts';
import { excerpt, malformed, TOKEN, trimSpace } from './syntax.ts';
import { formatHost, parseHostPort } from './uri.ts';

/** What every branch of RFC 3261 starts with (8.1.1.7). */
export const BRANCH_COOKIE = 'z9hG4bK';

/** One value of Via (RFC 3261, 20.42). */
export interface Via {
  /** In upper case: UDP, TCP, TLS or another. */
  readonly transport: string;
  /** Host of sent-by: name, IPv4 address, or IPv6 address without brackets. */
  readonly host: string;
  /** Port of sent-by, when there is one. */
  readonly port?: number;
  readonly parameters: Parameters;
}

const PROTOCOL = /^SIP[ \t]*\/[ \t]*2\.0[ \t]*\/[ \t]*([^ \t/;]+)[ \t]+([^;]+)/i;

/** Parses one value of Via. @throws sip.malformed */
export const parseVia = (value: string): Via => {
  const match = PROTOCOL.exec(value);
  if (match === null || !TOKEN.test(match[1]!)) throw malformed(`${excerpt(value)} is no Via`, 'Via');
  return {
    transport: match[1]!.toUpperCase(),
    ...parseHostPort(sentBy(trimSpace(match[2]!)), 'Via'),
    parameters: parseParameters(value.slice(match[0].length), 'Via'),
  };
};

/** Without the spaces that may be around its colon. */
const sentBy = (text: string): string => {
  const colon = text.lastIndexOf(':');
  return colon < text.lastIndexOf(']') || colon === -1
    ? text
    : `${trimSpace(text.slice(0, colon))}:${trimSpace(text.slice(colon + 1))}`;
};

export const formatVia = (via: Via): string => {
  const port = via.port === undefined ? '' : `:${via.port}`;
  return `SIP/2.0/${via.transport} ${formatHost(via.host)}${port}${formatParameters(via.parameters)}`;
};
