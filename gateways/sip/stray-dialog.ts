import { isSecure } from './contact-uri.ts';
import { contactOf, dialogOfResponse } from './dialog.ts';
import { DialogClient } from './dialog-client.ts';
import type { Flow } from './flow.ts';
import type { SipRequest, SipResponse } from './message.ts';
import { sequence } from './message-fields.ts';
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

/**
 * Does the same for a 2xx whose INVITE was given up so long ago that nothing is left of it. Whoever was called once can
 * send such responses at any time, with routes of any length to anywhere: so what is said goes once, and to where the
 * response came from alone. A peer that does not hear it repeats the 2xx.
 */
export const endStrayDialog = (host: SessionHost, response: SipResponse, flow: Flow): void => {
  const client = clientOf(host, response, flow);
  client?.sayOnce('ACK', sequence(response), flow);
  client?.sayOnce('BYE', sequence(response) + 1, flow);
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
