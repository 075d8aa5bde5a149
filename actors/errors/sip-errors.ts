import { define } from './define.ts';

export const sipErrors = {
  // Messages and transports. Where the error answers a request, its status is the SIP response's.
  'sip.malformed': define<{ what: string; where: string }>(
    400,
    (p) => `A SIP message is malformed in its ${p.where}: ${p.what}.`,
    'Correct the sender; RFC 3261, section 25, has the grammar.',
  ),
  'sip.version-not-supported': define<{ version: string }>(
    505,
    (p) => `A SIP request has the version ${p.version}.`,
    'Send SIP/2.0.',
  ),
  'sip.message-too-large': define<{ size: number; limit: number }>(
    513,
    (p) => `A SIP message has ${p.size} bytes, more than the ${p.limit} that are accepted.`,
    'Send a shorter message: leave out unneeded header fields and bodies.',
  ),
  'sip.unsafe-header': define<{ name: string }>(
    500,
    (p) => `A value for the SIP header field ${p.name} has a line break in it, or its name is no token.`,
    'Remove line breaks from text of users before it is put into a header field.',
  ),
  'sip.address-in-use': define<{ transport: string; address: string; port: number }>(
    503,
    (p) =>
      `The SIP transport ${p.transport} cannot listen on ${p.address} port ${p.port}: another program does.`,
    'Stop that program, or configure another port or address.',
  ),
  'sip.cannot-listen': define<{ transport: string; address: string; port: number; detail: string }>(
    503,
    (p) => `The SIP transport ${p.transport} cannot listen on ${p.address} port ${p.port}: ${p.detail}.`,
    'Configure an address that this machine has and a port that this user may open, and a readable certificate and key.',
  ),
  'sip.transport-failed': define<{ transport: string; address: string; port: number; detail: string }>(
    503,
    (p) => `A SIP message could not be sent to ${p.address} port ${p.port} over ${p.transport}: ${p.detail}.`,
    'Check that the peer is up and that nothing between filters the connection; another address may be tried.',
  ),
  'sip.no-transport': define<{ transport: string }>(
    503,
    (p) => `No SIP transport ${p.transport} is configured for that kind of address.`,
    'Add a listening point of that transport and address family to the configuration, or use another URI.',
  ),
  'sip.bad-peer-address': define<{ trunk: string; address: string }>(
    400,
    (p) =>
      `The trunk ${p.trunk} lists ${p.address}, which is neither an IP address nor a network such as 192.0.2.0/24.`,
    'Correct the address; names are not resolved here.',
  ),
};
