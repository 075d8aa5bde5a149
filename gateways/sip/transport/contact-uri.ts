import type { SipRequest } from '../message/index.ts';
import { formatHost } from '../message/index.ts';
import type { ListeningPoint } from './transport-layer.ts';
import { transportInUri, transportOf } from './transports.ts';

export const isSecure = (uri: string): boolean => /^sips:/i.test(uri);

/**
 * The URI of our Contact at a listening point. With the scheme sips it does not say TLS: that is what the scheme means
 * (RFC 3261, section 26.2.2).
 */
export const contactUri = (
  { transport, advertisedAddress, advertisedPort }: ListeningPoint,
  secure: boolean,
): string => {
  const place = `${formatHost(advertisedAddress)}:${advertisedPort}`;
  const own = transportOf(transport);
  if (!secure || !own.isSecure) return `sip:${place};transport=${own.uriName}`;
  return transportInUri(true, undefined) === own ? `sips:${place}` : `sips:${place};transport=${own.uriName}`;
};

/** Whether the Contact of the answer to a request must be of the scheme sips, too (RFC 3261, section 12.1.1). */
export const wantsSecureContact = ({ uri, headers }: SipRequest): boolean =>
  isSecure(uri) || /^[^<]*<sips:/i.test(headers.get('Record-Route') ?? headers.get('Contact') ?? '');
