import { define } from './define.ts';

export const linkErrors = {
  'link.identity': define<{ claimed: string; certificate: string }>(
    403,
    (p) => `The peer calls itself ${p.claimed}, but its certificate is for ${p.certificate}.`,
    'Give each region and main region a certificate whose common name is its own name.',
  ),
  'link.gateway-identity': define<{ claimed: string; certificate: string }>(
    403,
    (p) => `The peer calls itself ${p.claimed}, but its certificate is for ${p.certificate} only.`,
    'Give it its own certificate (`tandem certs --gateway REGION/NAME`: its URI tandem://gateway/REGION/NAME), or the region’s, which names no gateway; a border needs the region’s. If nobody mixed them up, find out who has that certificate.',
  ),
  'link.region-unlisted': define<{ main: string; region: string; listed: string }>(
    403,
    (p) => `Main region ${p.main} takes no region ${p.region}; its list "regions" has ${p.listed}.`,
    "Add the region to the list in the main region's configuration, or correct the region's own name.",
  ),
  'link.too-many-gateways': define<{ region: string; limit: number }>(
    429,
    (p) => `Region ${p.region} has ${p.limit} gateways already; this one is not taken.`,
    'Give gateways that take the place of others their names, or spread them over several regions.',
  ),
  'link.protocol': define<{ theirs: number; ours: number }>(
    400,
    (p) => `The region speaks version ${p.theirs} of the link protocol, this main region speaks ${p.ours}.`,
    'Run releases on both sides that speak the same version; upgrade the main region first.',
  ),
  'link.bad-message': define<{ peer: string; detail: string }>(
    400,
    (p) => `${p.peer} sent something that the link protocol does not allow: ${p.detail}.`,
    'Compare the sender with docs/link-protocol.md; what it sends will not be taken as it is.',
  ),
  'link.unknown-type': define<{ type: string; where: string }>(
    400,
    (p) => `There is no message type ${p.type} here (${p.where}).`,
    'Upgrade the receiving side: main regions first for events, regions first for commands.',
  ),
  'link.window-exceeded': define<{ gateway: string; events: number; bytes: number }>(
    429,
    (p) =>
      `Gateway ${p.gateway} sent more than ${p.events} events or ${p.bytes} bytes without an acknowledgement.`,
    'Wait for acknowledgements before sending more.',
  ),
  'link.rate-exceeded': define<{ gateway: string; messages: number; seconds: number }>(
    429,
    (p) => `Gateway ${p.gateway} sent more than ${p.messages} messages without content in ${p.seconds} s.`,
    'Send one ping an interval, and results only for commands received.',
  ),
  'link.replaced': define<{ gateway: string; node: string }>(
    409,
    (p) =>
      `Another process (node ${p.node}) has the name of gateway ${p.gateway} and took the place of this one.`,
    'Run one process under each name, with a journal of its own: stop one of the two, or give it a `gateway` name and a `data` directory of its own.',
  ),
  'link.unsupported': define<{ peer: string; missing: string }>(
    400,
    (p) => `${p.peer} needs what cannot be done here: ${p.missing}.`,
    'Upgrade this side; main regions go first.',
  ),
  'link.silent': define<{ peer: string; seconds: number }>(
    504,
    (p) => `Nothing came from ${p.peer} for ${p.seconds} s.`,
    'Check the network between the two; the link is opened again by itself.',
  ),
  'link.not-durable': define<{ gateway: string; detail: string }>(
    503,
    (p) => `Events of gateway ${p.gateway} could not be stored in the main region: ${p.detail}`,
    'Restore the event store; the gateway keeps its journal and sends again what was not acknowledged.',
  ),
  'link.stuck': define<{ router: string; seconds: number }>(
    503,
    (p) =>
      `Router ${p.router} has acknowledged nothing for ${p.seconds} s, while others of its main region have.`,
    'Look at its way to the event store; its calls go on at other routers, and it is tried again by itself.',
  ),
  'link.closing': define<{ main: string }>(
    503,
    (p) => `A router of main region ${p.main} is being stopped.`,
    'Nothing; its calls go on at another router, or when it is back.',
  ),
  'link.lost': define<{ main: string; detail: string }>(
    503,
    (p) => `The link to ${p.main} is not there: ${p.detail}.`,
    'Check that the main region runs and can be reached; the link is opened again by itself.',
  ),
  'link.other-router': define<{ main: string; router: string; expected: string }>(
    409,
    (p) => `The router of main region ${p.main} at this address calls itself ${p.router}, not ${p.expected}.`,
    'Give the router its name in the main region’s configuration (`router`), and the region the same for its address.',
  ),
  'link.not-owner': define<{ router: string; call: string }>(
    409,
    (p) => `Router ${p.router} does not have call ${p.call} any more.`,
    'Nothing; the router that took the call over says again what is still to be done.',
  ),
  'link.journal-conflict': define<{ stream: string; revision: number; stored: string; shipped: string }>(
    409,
    (p) =>
      `The store holds event ${p.stored} as revision ${p.revision} of ${p.stream}; the gateway's journal has ${p.shipped} there: it is another journal than before, or an older copy of it.`,
    'Nothing: the gateway goes on under its name, what is stored stays as it is, and calls whose legs the journal does not have go on without them. Make sure that only one process runs under that name.',
  ),
  'link.foreign-stream': define<{ gateway: string; stream: string; owner: string }>(
    403,
    (p) => `Gateway ${p.gateway} shipped events of ${p.stream}, which is of ${p.owner}; they are left out.`,
    'Give each gateway a journal of its own; if nobody copied or renamed one, find out who has the region’s certificate.',
  ),
  'link.events-missing': define<{ stream: string; stored: number; shipped: number }>(
    409,
    (p) =>
      `Event ${p.shipped} of ${p.stream} was shipped, but the store has ${p.stored < 0 ? 'none of that stream' : `that stream only up to event ${p.stored}`}: events that it acknowledged are not there any more.`,
    'Nothing, at first: the gateway ships its journal again from the beginning. If that does not help, they are missing in the journal, too: restore an older copy of it, or start the gateway with an empty `data` directory.',
  ),
  'link.journal-failed': define<{ detail: string }>(
    503,
    (p) => `The journal cannot be shipped: ${p.detail}`,
    'Check the journal file and its disk; shipping starts again by itself.',
  ),
  'link.event-too-large': define<{ id: string; stream: string; bytes: number; limit: number }>(
    413,
    (p) =>
      `Event ${p.id} of stream ${p.stream} has ${p.bytes} bytes of data; the link carries up to ${p.limit}.`,
    'Keep large content outside of events and refer to it; this one holds the journal up until it is dealt with.',
  ),
  'link.command-too-large': define<{ id: string; type: string; bytes: number; limit: number }>(
    413,
    (p) => `Command ${p.id} (${p.type}) has ${p.bytes} bytes of data; the link carries up to ${p.limit}.`,
    'Keep large content outside of commands and refer to it.',
  ),
  'link.region-busy': define<{ gateway: string; waiting: number }>(
    429,
    (p) => `Gateway ${p.gateway} has ${p.waiting} commands that it has not answered.`,
    'Send less until it answers; if the region is away, its commands expire by themselves.',
  ),
  'link.region-unreachable': define<{ gateway: string; id: string; seconds: number }>(
    504,
    (p) =>
      `Gateway ${p.gateway} did not answer command ${p.id} within ${p.seconds} s; it may have carried it out.`,
    'Check the link to the gateway; sending the command again under the same id is safe.',
  ),
  'link.closed': define<{ name: string }>(
    503,
    (p) => `The link of ${p.name} is closed.`,
    'Stop sending work to a process that is shutting down.',
  ),
  'link.listen-failed': define<{ address: string; detail: string }>(
    500,
    (p) => `The link cannot listen on ${p.address}: ${p.detail}.`,
    'Choose an address of this machine and a port that is free.',
  ),
  'link.certificate-unreadable': define<{ file: string; detail: string }>(
    500,
    (p) => `The link's TLS file ${p.file} cannot be used: ${p.detail}.`,
    'Give a PEM file that this process may read; `tandem certs` makes those that the link needs.',
  ),
  'link.certificate-expired': define<{ file: string; since: string }>(
    500,
    (p) => `The certificate in ${p.file} is not valid any more since ${p.since}.`,
    'Renew it and start again.',
  ),
  'link.key-mismatch': define<{ cert: string; key: string }>(
    500,
    (p) => `The private key in ${p.key} does not belong to the certificate in ${p.cert}.`,
    'Give the key with which that certificate was requested.',
  ),
};
