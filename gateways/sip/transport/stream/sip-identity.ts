import { checkServerIdentity, type PeerCertificate } from 'node:tls';

/**
 * Checks that a certificate is for the domain of the URI that led to its peer, whatever DNS made of it (RFC 5922,
 * sections 7.1 and 7.2): a subjectAltName with the URI `sip:domain`, or, when it has no such URI at all, a DNS name. In
 * DNS names wildcards count, which the RFC rules out and providers use.
 *
 * @param domain what was asked for: a host name, or an IP address where there was none
 * @returns why it is not
 */
export const checkSipIdentity = (domain: string, certificate: PeerCertificate): Error | undefined => {
  const identities = sipDomains(certificate.subjectaltname);
  if (identities.length === 0) return checkServerIdentity(domain, certificate);
  if (identities.includes(domain.toLowerCase())) return undefined;
  return new Error(`the certificate does not match ${domain}: it is for sip:${identities.join(', sip:')}`);
};

/** URIs with a user are somebody's, not a domain's. Node puts names with commas or quotes in them in quotes: no match. */
const sipDomains = (names = ''): string[] =>
  [...names.matchAll(/(?:^|, )[^:"]+:("(?:[^"\\]|\\.)*"|[^,]*)/g)].flatMap(([entry, value]) => {
    const domain = /^(?:, )?URI:sip:([^@;?:]+)$/i.exec(entry)?.[1];
    return value!.startsWith('"') || domain === undefined ? [] : [domain.toLowerCase()];
  });
