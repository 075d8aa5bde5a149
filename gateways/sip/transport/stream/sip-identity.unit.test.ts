import type { PeerCertificate } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import { checkSipIdentity } from './sip-identity.ts';

const certificate = (subjectaltname: string) =>
  ({ subject: { CN: 'cn.example' }, subjectaltname }) as PeerCertificate;

describe('the certificate of a SIP peer', () => {
  it.each([
    ['URI:sip:example.com', 'example.com'],
    ['URI:sip:Example.com, DNS:sip1.example.net', 'EXAMPLE.com'],
    ['DNS:other.example, URI:sip:a.example, URI:sip:example.com', 'example.com'],
    ['DNS:example.com', 'example.com'],
    ['DNS:*.example.com', 'sip.example.com'],
    ['URI:sip:ann@example.com, DNS:example.com', 'example.com'],
    ['IP Address:192.0.2.1', '192.0.2.1'],
  ])('with %s is that of %s', (names, domain) => {
    expect(checkSipIdentity(domain, certificate(names))).toBeUndefined();
  });

  it.each([
    ['URI:sip:example.org, DNS:example.com', 'example.com'],
    ['URI:sips:example.com', 'example.com'],
    ['URI:sip:ann@example.com', 'example.com'],
    ['URI:https://example.com', 'example.com'],
    ['DNS:example.org', 'example.com'],
    [String.raw`URI:"sip:x.example\u002c URI:sip:example.com"`, 'example.com'],
    ['DNS:"x, URI:sip:example.com", DNS:other.example', 'example.com'],
    ['IP Address:192.0.2.1', 'example.com'],
  ])('with %s is not that of %s', (names, domain) => {
    expect(checkSipIdentity(domain, certificate(names))).toBeDefined();
  });
});
