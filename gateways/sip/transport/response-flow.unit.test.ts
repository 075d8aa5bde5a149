import { describe, expect, it } from '@jest/globals';
import { HeaderFields } from '../message/header-fields.ts';
import type { SipRequest } from '../message/message.ts';
import type { Flow } from './flow.ts';
import { responseFlow, responseFlowAfterClose, stampReceived } from './response-flow.ts';

const flowOver = (transport: Flow['transport'], remoteAddress = '192.0.2.9'): Flow => ({
  transport,
  localAddress: '192.0.2.1',
  localPort: 5060,
  remoteAddress,
  remotePort: 40_000,
  trunk: 'carrier',
});

const requestVia = (via: string): SipRequest => {
  const headers = new HeaderFields().append('Via', via);
  return { kind: 'request', method: 'OPTIONS', uri: 'sip:a@b', headers, body: Buffer.alloc(0) };
};

const stamped = (via: string, flow: Flow): SipRequest => {
  const request = requestVia(via);
  stampReceived(request, flow);
  return request;
};

describe('stampReceived', () => {
  it.each([
    ['SIP/2.0/UDP 192.0.2.9;branch=1', 'SIP/2.0/UDP 192.0.2.9;branch=1'],
    ['SIP/2.0/UDP 10.0.0.1;branch=1', 'SIP/2.0/UDP 10.0.0.1;branch=1;received=192.0.2.9'],
    ['SIP/2.0/UDP pbx.example.com:5070', 'SIP/2.0/UDP pbx.example.com:5070;received=192.0.2.9'],
    ['SIP/2.0/UDP 192.0.2.9;rport', 'SIP/2.0/UDP 192.0.2.9;rport=40000;received=192.0.2.9'],
    // A `received` of the peer's own must not lead our answers elsewhere.
    ['SIP/2.0/UDP 192.0.2.9;received=203.0.113.1', 'SIP/2.0/UDP 192.0.2.9'],
    ['SIP/2.0/UDP 10.0.0.1, SIP/2.0/UDP a;x', 'SIP/2.0/UDP 10.0.0.1;received=192.0.2.9, SIP/2.0/UDP a;x'],
  ])('%s becomes %s', (via, expected) => {
    const request = stamped(via, flowOver('udp'));
    expect([...request.headers]).toEqual([['Via', expected]]);
  });

  it('knows an IPv6 address in either case', () => {
    const request = stamped('SIP/2.0/UDP [2001:DB8::1]', flowOver('udp', '2001:db8::1'));
    expect(request.headers.get('Via')).toBe('SIP/2.0/UDP [2001:DB8::1]');
  });

  it('refuses a request without a Via', () => {
    const headers = new HeaderFields();
    const request: SipRequest = { ...requestVia('x'), headers };
    expect(() => stampReceived(request, flowOver('udp'))).toThrow(/its Via: it is missing/);
  });
});

describe('responseFlow', () => {
  it.each([
    ['SIP/2.0/UDP 10.0.0.1:5070;rport', 40_000],
    ['SIP/2.0/UDP 10.0.0.1:5070', 5070],
    ['SIP/2.0/UDP 10.0.0.1', 5060],
    ['SIP/2.0/UDP 10.0.0.1:5070;maddr=203.0.113.1', 5070],
  ])('over UDP, for %s, is the source address and port %i', (via, remotePort) => {
    const flow = flowOver('udp');
    expect(responseFlow(stamped(via, flow), flow)).toEqual({ ...flow, remotePort });
  });

  it('over TCP is the connection of the request', () => {
    const flow = flowOver('tcp');
    expect(responseFlow(stamped('SIP/2.0/TCP 10.0.0.1:5070', flow), flow)).toBe(flow);
  });

  it.each([
    ['tcp', 'SIP/2.0/TCP 10.0.0.1:5070', 5070],
    ['tcp', 'SIP/2.0/TCP 10.0.0.1', 5060],
    ['tls', 'SIP/2.0/TLS 10.0.0.1', 5061],
  ] as const)('over %s, when that is gone, is a new one, for %s to port %i', (transport, via, remotePort) => {
    const { trunk: _, ...opened } = flowOver(transport);
    const request = stamped(via, flowOver(transport));
    expect(responseFlowAfterClose(request, flowOver(transport))).toEqual({ ...opened, remotePort });
  });
});
