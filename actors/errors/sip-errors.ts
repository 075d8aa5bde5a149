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
  'sip.private-address': define<{ host: string; address: string; range: string }>(
    403,
    (p) => `The SIP host ${p.host} has the address ${p.address} (${p.range}), to which nothing is sent.`,
    'Dial a public address, give the host a trunk, or have the operator allow its network in sip.allowPrivateNetworks.',
  ),
  'sip.bad-peer-address': define<{ trunk: string; address: string }>(
    400,
    (p) =>
      `The trunk ${p.trunk} lists ${p.address}, which is neither an IP address nor a network such as 192.0.2.0/24.`,
    'Correct the address; names are not resolved here.',
  ),
  // Transactions, dialogs and sessions.
  'sip.timeout': define<{ method: string; uri: string }>(
    408,
    (p) => `No answer came to the ${p.method} for ${p.uri}.`,
    'Check that the peer is up and that its answers reach this gateway; another address may be tried.',
  ),
  'sip.no-reply': define<{ uri: string }>(
    408,
    (p) => `Nothing at all was heard of ${p.uri} while there was another way to call.`,
    'Check that the peer is up and that its answers reach this gateway; the call has gone on to its next route.',
  ),
  'sip.no-ack': define<{ session: string }>(
    408,
    (p) => `The peer of session ${p.session} did not acknowledge our answer.`,
    'Check that the Contact of this gateway can be reached by the peer; the session has been ended.',
  ),
  'sip.no-prack': define<{ session: string }>(
    504,
    (p) => `The peer of session ${p.session} did not acknowledge our reliable provisional response.`,
    'The peer breaks RFC 3262, or was lost while the call rang; the call has been refused with 504.',
  ),
  'sip.session-expired': define<{ session: string }>(
    408,
    (p) => `The session timer of session ${p.session} ran out without a refresh.`,
    'The peer was lost or does not refresh its sessions (RFC 4028); the session has been ended.',
  ),
  'sip.session-over': define<{ session: string }>(
    410,
    (p) => `Session ${p.session} is over.`,
    'Do not send offers on a session after its last event.',
  ),
  'sip.offer-refused': define<{ session: string; status: number; phrase: string }>(
    488,
    (p) => `The offer in session ${p.session} was refused with ${p.status} ${p.phrase}.`,
    'The session goes on as it was; offer something that the peer can do, after a 491 try again later.',
  ),
  'sip.missing-answer': define<{ session: string }>(
    502,
    (p) => `The peer of session ${p.session} accepted our offer without an answer in SDP.`,
    'The peer breaks RFC 3264; the session has been ended.',
  ),
  'sip.unusable-contact': define<{ session: string }>(
    502,
    (p) => `The peer of session ${p.session} answered with a Contact that is not one address.`,
    'The peer breaks RFC 3261, 8.1.1.8 and 12.1.1; it has been hung up on.',
  ),
  'sip.dialog-lost': define<{ session: string; status: number }>(
    481,
    (p) => `The peer of session ${p.session} answered ${p.status}: it does not know the dialog any more.`,
    'The peer has ended or lost the session without a BYE; it has been ended here too.',
  ),
  'sip.agent-closed': define(
    503,
    () => 'The SIP user agent is closed.',
    'Stop placing calls through a gateway that is shutting down.',
  ),
  'sip.gateway-stopping': define<{ gateway: string }>(
    503,
    (p) => `Gateway ${p.gateway} is being stopped and takes no new legs.`,
    'Try again when it runs, or over another gateway.',
  ),
  'sip.gateway-draining': define<{ gateway: string }>(
    503,
    (p) => `Gateway ${p.gateway} drains: it keeps its calls and takes no new legs.`,
    'Take another gateway, or have it resume with `tandem drain --resume`.',
  ),
  'sip.gateway-full': define<{ gateway: string; capacity: number }>(
    503,
    (p) => `Gateway ${p.gateway} has the ${p.capacity} legs that it may have.`,
    'Take another gateway; more legs fit when some have ended, or with a larger `capacity`.',
  ),
  'sip.trunks-full': define<{ gateway: string; trunks: string }>(
    503,
    (p) =>
      `The trunks of gateway ${p.gateway} that reach the number have the legs that they may have: ${p.trunks}.`,
    'Take another gateway; more legs fit when some have ended, or with a larger `capacity` of the trunk.',
  ),
  'sip.challenge-not-answered': define<{ status: number; address: string; detail: string }>(
    502,
    (p) => `A ${p.status} of ${p.address} was not answered: ${p.detail}.`,
    'If it is the provider that asks, put its addresses into `allow`, its realm into `realms`, or its algorithm into `digestAlgorithms` of the trunk; else somebody behind it asks for a password that is none of its business.',
  ),
  'sip.too-many-hops': define<{ to: string }>(
    483,
    (p) => `The call to ${p.to} has passed as many hops as it may (Max-Forwards) and does not go on.`,
    'See whether a number is forwarded to itself, here or by the provider: the history shows the same call again and again.',
  ),
  'sip.no-such-leg': define<{ id: string }>(
    404,
    (p) => `Leg ${p.id} was never begun here.`,
    'Take it as a leg that has left; the command that was to begin it did not arrive.',
  ),
};
