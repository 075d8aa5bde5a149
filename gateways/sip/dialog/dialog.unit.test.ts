import { describe, expect, it } from '@jest/globals';
import { buildRequest, buildResponse } from '../message/build-message.ts';
import type { Flow } from '../transport/flow.ts';
import { dialogOfRequest, dialogOfResponse, pathOf } from './dialog.ts';

const flow: Flow = {
  transport: 'udp',
  localAddress: '192.0.2.1',
  localPort: 5060,
  remoteAddress: '203.0.113.5',
  remotePort: 6000,
};

const invite = (contact: string, ...routes: string[]) =>
  buildRequest('INVITE', 'sip:us@192.0.2.1', [
    ['Via', 'SIP/2.0/UDP 203.0.113.5;branch=z9hG4bK1'],
    ['From', '<sip:them@example.com>;tag=f'],
    ['To', '<sip:us@example.org>'],
    ['Call-ID', 'c'],
    ['CSeq', '7 INVITE'],
    ['Contact', `<${contact}>`],
    ...routes.map((route) => ['Record-Route', `<${route}>`] as const),
  ]);

const inbound = (contact: string, ...routes: string[]) =>
  dialogOfRequest(invite(contact, ...routes), flow, 'ours', 'sip:192.0.2.1:5060');

describe('A dialog', () => {
  it('of a peer’s INVITE takes its parts from the request', () => {
    expect(inbound('sip:them@203.0.113.5:5070;transport=tcp', 'sip:p1;lr', 'sip:p2;lr')).toEqual({
      callId: 'c',
      localTag: 'ours',
      remoteTag: 'f',
      localUri: 'sip:us@example.org',
      remoteUri: 'sip:them@example.com',
      remoteTarget: 'sip:them@203.0.113.5:5070;transport=tcp',
      routeSet: ['sip:p1;lr', 'sip:p2;lr'],
      localSeq: 0,
      remoteSeq: 7,
      transport: 'tcp',
      peerAddress: '203.0.113.5',
      peerPort: 5070,
      localContact: 'sip:192.0.2.1:5060',
    });
  });

  it('of our INVITE takes them from the response, with its routes turned round', () => {
    const request = invite('sip:a@192.0.2.1', 'sip:p1;lr', 'sip:p2;lr');
    const response = buildResponse(request, 200, { tag: 't', headers: [['Contact', '<sip:b@203.0.113.9>']] });
    expect(dialogOfResponse(request, response, flow, 'sip:192.0.2.1:5060')).toMatchObject({
      localTag: 'f',
      remoteTag: 't',
      localUri: 'sip:them@example.com',
      remoteUri: 'sip:us@example.org',
      remoteTarget: 'sip:b@203.0.113.9',
      routeSet: ['sip:p2;lr', 'sip:p1;lr'],
      localSeq: 7,
      remoteSeq: 0,
    });
  });

  it.each([
    ['a private address', 'sip:x@192.168.1.5:5062', '203.0.113.5', 6000],
    ['a carrier’s shared address', 'sip:x@100.64.3.2', '203.0.113.5', 6000],
    ['a name that is none', 'sip:x@abc.invalid;transport=ws', '203.0.113.5', 6000],
    ['a private IPv6 address', 'sip:x@[fd00::1]', '203.0.113.5', 6000],
    ['a public address elsewhere', 'sip:x@198.51.100.1:5080', '198.51.100.1', 5080],
    ['its own address', 'sip:x@203.0.113.5', '203.0.113.5', 5060],
    ['a name', 'sip:sbc.example.com', 'sbc.example.com', 0],
    ['a name and a port', 'sip:sbc.example.com:5070', 'sbc.example.com', 5070],
  ])('whose Contact is %s is reached at the right place', (_, contact, peerAddress, peerPort) => {
    expect(inbound(contact)).toMatchObject({ peerAddress, peerPort });
  });
});

describe('The path of a request within a dialog', () => {
  const target = 'sip:them@203.0.113.5:5070';

  it('is the peer without routes', () => {
    expect(pathOf(inbound(target))).toEqual({
      uri: target,
      routes: [],
      hop: { transport: 'udp', host: '203.0.113.5', port: 5070 },
    });
  });

  it('goes by a loose router', () => {
    expect(pathOf(inbound(target, 'sip:192.0.2.7:5090;lr', 'sip:p2;lr'))).toEqual({
      uri: target,
      routes: ['sip:192.0.2.7:5090;lr', 'sip:p2;lr'],
      hop: { transport: 'udp', host: '192.0.2.7', port: 5090 },
    });
  });

  it('goes by a strict router as RFC 2543 wanted it', () => {
    expect(pathOf(inbound(target, 'sip:192.0.2.7', 'sip:p2;lr'))).toEqual({
      uri: 'sip:192.0.2.7',
      routes: ['sip:p2;lr', target],
      hop: { transport: 'udp', host: '192.0.2.7', port: 5060 },
    });
  });

  it('goes by TLS where a route says so', () => {
    expect(pathOf(inbound(target, 'sips:192.0.2.7;lr')).hop).toEqual({
      transport: 'tls',
      host: '192.0.2.7',
      port: 5061,
    });
  });
});
