import { describe, expect, it } from '@jest/globals';
import { dnsRecords } from './dns-records.ts';
import type { GatewayHealth } from './live-network.ts';
import type { Network } from './network.ts';

const gateway = (region: string, name: string, changes: Partial<GatewayHealth> = {}): GatewayHealth => ({
  region,
  gateway: name,
  healthy: true,
  linked: true,
  draining: false,
  legs: 0,
  capacity: 100,
  node: '',
  version: '',
  trunks: [],
  sipUris: {},
  worst: [],
  addresses: [`sip:192.0.2.${name.slice(-1)}:5060;transport=udp`],
  ...changes,
});
const network = {
  regions: ['de1', 'ie1', 'us1'].map((name) => ({ name, gateways: [{}] })),
  routes: [
    { from: 'ie1', to: 'us1', rtt: 80, up: true, measured: true },
    { from: 'ie1', to: 'de1', rtt: 20, up: true, measured: true },
  ],
} as unknown as Network;
const zone = (...gateways: GatewayHealth[]) =>
  dnsRecords(gateways, network, { domain: 'sip.example.com', ttl: 30 }).split('\n');
const of = (lines: string[], start: string) => lines.filter((line) => line.startsWith(start));

describe('the DNS records of regions', () => {
  it('lead to a region’s gateways by the room that they have, then to the nearest others', () => {
    const lines = zone(
      gateway('ie1', 'gw1', { legs: 75 }),
      gateway('ie1', 'gw2'),
      gateway('us1', 'gw3'),
      gateway('de1', 'gw4'),
    );
    expect(of(lines, 'ie1.')).toEqual([
      'ie1.sip.example.com. 30 IN NAPTR 30 50 "s" "SIP+D2U" "" _sip._udp.ie1.sip.example.com.',
    ]);
    expect(of(lines, '_sip._udp.ie1.')).toEqual([
      '_sip._udp.ie1.sip.example.com. 30 IN SRV 10 250 5060 gw1.ie1.sip.example.com.',
      '_sip._udp.ie1.sip.example.com. 30 IN SRV 10 1000 5060 gw2.ie1.sip.example.com.',
      '_sip._udp.ie1.sip.example.com. 30 IN SRV 20 1000 5060 gw4.de1.sip.example.com.',
      '_sip._udp.ie1.sip.example.com. 30 IN SRV 30 1000 5060 gw3.us1.sip.example.com.',
    ]);
    expect(lines).toContain('gw1.ie1.sip.example.com. 30 IN A 192.0.2.1');
  });

  it('leave out who is unhealthy, drains or is full', () => {
    const lines = zone(
      gateway('ie1', 'gw1', { healthy: false }),
      gateway('ie1', 'gw2', { draining: true }),
      gateway('ie1', 'gw3', { legs: 100 }),
      gateway('de1', 'gw4'),
    );
    expect(of(lines, '_sip._udp.ie1.')).toEqual([
      '_sip._udp.ie1.sip.example.com. 30 IN SRV 20 1000 5060 gw4.de1.sip.example.com.',
    ]);
    expect(lines.join()).not.toContain('192.0.2.1');
  });

  it('name each transport, IPv6 addresses and host names', () => {
    const lines = zone(
      gateway('ie1', 'gw1', {
        addresses: ['sip:[2001:db8::1]:5060;transport=tcp', 'sip:sip.example.net:5061;transport=tls'],
      }),
    );
    expect(of(lines, 'ie1.').map((line) => line.split(' ').slice(3, 8).join(' '))).toEqual([
      'NAPTR 10 50 "s" "SIPS+D2T"',
      'NAPTR 20 50 "s" "SIP+D2T"',
    ]);
    expect(lines).toContain('_sips._tcp.ie1.sip.example.com. 30 IN SRV 10 1000 5061 sip.example.net.');
    expect(lines).toContain('gw1.ie1.sip.example.com. 30 IN AAAA 2001:db8::1');
  });

  it('are none where nobody takes calls', () => {
    expect(zone(gateway('ie1', 'gw1', { healthy: false }))).toEqual(['']);
  });
});
