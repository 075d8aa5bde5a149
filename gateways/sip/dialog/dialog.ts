import type { Dialog } from '@tandem/proto/generated/events.ts';
import { isPrivateHost } from '../locate/index.ts';
import type { SipMessage, SipRequest, SipResponse } from '../message/index.ts';
import { callId, fromTag, ownText, parseAddress, sequence, toTag } from '../message/index.ts';
import type { Flow } from '../transport/index.ts';
import { type Hop, hopOf } from '../transport/index.ts';

/** The URI of the first Contact; undefined when there is none that is an address. */
export const contactOf = (message: SipMessage): string | undefined => {
  const value = message.headers.get('Contact');
  if (value === undefined || value === '*') return undefined;
  try {
    return ownText(parseAddress(value, 'Contact').uri);
  } catch {
    // Of a response, which is not refused for it.
    return undefined;
  }
};

/**
 * Whether a message's Contact is no place where a peer could be (RFC 3261, 8.1.1.8): `*`, which is for REGISTER alone,
 * several addresses, or none that can be read. One that is not there is none of these.
 */
export const hasUnusableContact = (message: SipMessage): boolean => {
  if (!message.headers.has('Contact')) return false;
  return message.headers.all('Contact').length !== 1 || contactOf(message) === undefined;
};

const uriOf = (message: SipMessage, name: 'From' | 'To'): string =>
  ownText(parseAddress(message.headers.get(name)!, name).uri);

const routesOf = (message: SipMessage): string[] =>
  message.headers.all('Record-Route').map((value) => ownText(parseAddress(value, 'Record-Route').uri));

/**
 * Where requests within the dialog go when no route says so: to the peer's Contact; but to where its messages really
 * come from when the Contact is an address that only the peer's own network knows (symmetric signalling).
 */
const peerOf = (target: string, flow: Flow): Pick<Dialog, 'transport' | 'peerAddress' | 'peerPort'> => {
  const hop = hopOf(target);
  if (hop === undefined || (hop.host !== flow.remoteAddress && isPrivateHost(hop.host)))
    return { transport: flow.transport, peerAddress: flow.remoteAddress, peerPort: flow.remotePort };
  return { transport: hop.transport ?? flow.transport, peerAddress: hop.host, peerPort: hop.port ?? 0 };
};

/** The dialog that an INVITE of a peer's makes with our tag (RFC 3261, section 12.1.1). */
export const dialogOfRequest = (
  request: SipRequest,
  flow: Flow,
  localTag: string,
  contact: string,
): Dialog => {
  const remoteUri = uriOf(request, 'From');
  const remoteTarget = contactOf(request) ?? remoteUri;
  return {
    callId: ownText(callId(request)),
    localTag,
    remoteTag: ownText(fromTag(request) ?? ''),
    localUri: uriOf(request, 'To'),
    remoteUri,
    remoteTarget,
    routeSet: routesOf(request),
    localSeq: 0,
    remoteSeq: sequence(request),
    ...peerOf(remoteTarget, flow),
    localContact: contact,
  };
};

/** The dialog that a response to an INVITE of ours makes (RFC 3261, section 12.1.2). */
export const dialogOfResponse = (
  invite: SipRequest,
  response: SipResponse,
  flow: Flow,
  contact: string,
): Dialog => {
  const remoteTarget = contactOf(response) ?? invite.uri;
  return {
    callId: callId(invite),
    localTag: fromTag(invite) ?? '',
    remoteTag: ownText(toTag(response) ?? ''),
    localUri: uriOf(invite, 'From'),
    remoteUri: uriOf(invite, 'To'),
    remoteTarget,
    routeSet: routesOf(response).reverse(),
    localSeq: sequence(invite),
    remoteSeq: 0,
    ...peerOf(remoteTarget, flow),
    localContact: contact,
  };
};

/** The dialog after a target refresh: an INVITE or UPDATE, or a 2xx to one (RFC 3261, section 12.2). */
export const refreshTarget = (dialog: Dialog, message: SipMessage, flow: Flow): Dialog => {
  const remoteTarget = contactOf(message);
  if (remoteTarget === undefined) return dialog;
  return { ...dialog, remoteTarget, ...peerOf(remoteTarget, flow) };
};

/** What stands in the start line and Route of a request within the dialog, and where it goes. */
export interface DialogPath {
  readonly uri: string;
  readonly routes: readonly string[];
  readonly hop: Hop;
}

/** RFC 3261, section 12.2.1.1, with the strict routers of RFC 2543. */
export const pathOf = (dialog: Dialog): DialogPath => {
  const peer: Hop = {
    transport: dialog.transport,
    host: dialog.peerAddress,
    ...(dialog.peerPort > 0 && { port: dialog.peerPort }),
  };
  const [first, ...rest] = dialog.routeSet;
  if (first === undefined) return { uri: dialog.remoteTarget, routes: [], hop: peer };
  const router = hopOf(first) ?? peer;
  const hop = { ...router, transport: router.transport ?? peer.transport };
  if (/;lr(?:[;=?]|$)/i.test(first)) return { uri: dialog.remoteTarget, routes: dialog.routeSet, hop };
  return { uri: first, routes: [...rest, dialog.remoteTarget], hop };
};
