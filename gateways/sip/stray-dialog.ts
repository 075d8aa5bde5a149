import { isSecure } from './contact-uri.ts';
import { contactOf, dialogOfResponse } from './dialog.ts';
import { DialogClient } from './dialog-client.ts';
import type { Flow } from './flow.ts';
import type { SipRequest, SipResponse } from './message.ts';
import { sequence } from './message-fields.ts';
import type { SessionHost } from './session-host.ts';

/**
 * Ends the dialog of a 2xx that nobody waits for any more, because its INVITE was given up long ago: without ACK and
 * BYE the peer would keep the call (RFC 3261, section 13.2.2.4).
 */
export const endStrayDialog = (host: SessionHost, response: SipResponse, flow: Flow): void => {
  const uri = contactOf(response);
  if (uri === undefined) return;
  // From, To and Call-ID stand in the response as they stood in the INVITE.
  const invite: SipRequest = {
    kind: 'request',
    method: 'INVITE',
    uri,
    headers: response.headers,
    body: response.body,
  };
  const client = new DialogClient(
    host,
    dialogOfResponse(invite, response, flow, host.contactOf(flow, isSecure(uri))),
  );
  client.acknowledge(sequence(response));
  client.request('BYE', {}, { onResponse: () => {}, onFailure: () => {} });
};
