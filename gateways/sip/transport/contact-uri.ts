import type { SipRequest } from '../message/index.ts';
import { formatHost } from '../message/index.ts';
import type { ListeningPoint } from './transport-layer.ts';

export const isSecure = (uri: string): boolean => /^sips:/i.test(uri);

/**
 * The URI of our Contact at a listening point. With the scheme sips it says no transport: that it is TLS is what the
 * scheme means (RFC 3261, section 26.2.2).
 */
export const contactUri = (
  { transport, advertisedAddress, advertisedPort }: ListeningPoint,
  secure: boolean,
): string => {
  const place = `${formatHost(advertisedAddress)}:${advertisedPort}`;
  return secure && transport === 'tls' ? `sips:${place}` : `sip:${place};transport=${transport}`;
};

/** Whether the Contact of the answer to a request must be of the scheme sips, too (RFC 3261, section 12.1.1). */
export const wantsSecureContact = ({ uri, headers }: SipRequest): boolean =>
  isSecure(uri) || /^[^<]*<sips:/i.test(headers.get('Record-Route') ?? headers.get('Contact') ?? '');
