import type { SipRequest, SipResponse } from '../message/index.ts';
import { sequence } from '../message/index.ts';
import type { Flow } from '../transport/index.ts';
import { isSecure } from '../transport/index.ts';
import { contactOf, dialogOfResponse } from './dialog.ts';
import { DialogClient } from './dialog-client.ts';
import type { SessionHost } from './session-host.ts';

/**
 * Ends the dialog of a 2xx to an INVITE of ours that nobody wants any more: without ACK and BYE the peer would keep the
 * call (RFC 3261, section 13.2.2.4).
 */
export const endUnwantedDialog = (host: SessionHost, response: SipResponse, flow: Flow): void => {
  const client = clientOf(host, response, flow);
  client?.acknowledge(sequence(response));
  client?.request('BYE', {}, { onResponse: () => {}, onFailure: () => {} });
};

/** Calls that are ended at once so that each hears of it; the BYE of more goes once. */
const MAX_ENDING = 16;

/**
 * Does the same for a 2xx whose INVITE was given up so long ago that nothing is left of it. Whoever was called once can
 * send such responses at any time, with routes of any length to anywhere: so what is said goes to where the response came
 * from alone. The BYE is repeated until it is answered, since a peer that has had our ACK does not repeat the 2xx: that of
 * one dialog of a call at a time, since the peer chooses their tags, of 16 calls at most, and only when it fits into a
 * datagram.
 */
export const endStrayDialog = (host: SessionHost, response: SipResponse, flow: Flow): void => {
  const client = clientOf(host, response, flow);
  if (client === undefined) return;
  client.sayOnce('ACK', sequence(response), flow);
  const { callId, remoteTag } = client.dialog;
  const ending = host.ending.get(callId);
  if (ending === remoteTag) return;
  if (ending !== undefined || host.ending.size >= MAX_ENDING) {
    client.sayOnce('BYE', sequence(response) + 1, flow);
    return;
  }
  host.ending.set(callId, remoteTag);
  client.sayUntilAnswered('BYE', sequence(response) + 1, flow, () => host.ending.delete(callId));
};

const clientOf = (host: SessionHost, response: SipResponse, flow: Flow): DialogClient | undefined => {
  const uri = contactOf(response);
  if (uri === undefined) return undefined;
  // From, To and Call-ID stand in the response as they stood in the INVITE.
  const invite: SipRequest = {
    kind: 'request',
    method: 'INVITE',
    uri,
    headers: response.headers,
    body: response.body,
  };
  return new DialogClient(
    host,
    dialogOfResponse(invite, response, flow, host.contactOf(flow, isSecure(uri))),
  );
};
