import type { SipResponse } from '../message/index.ts';
import { callId, sdpContent, sequence, toTag } from '../message/index.ts';
import type { ServerTransaction } from '../transaction/index.ts';
import type { Flow } from '../transport/index.ts';
import type { DialogClient } from './dialog-client.ts';
import { InviteSession } from './invite-session.ts';
import type { TakenUp } from './session.ts';
import { allow, type SessionHost, supported } from './session-host.ts';
import { endStrayDialog } from './stray-dialog.ts';

/** A session whose dialog another process made: it goes on as any other. */
export class RestoredSession extends InviteSession {
  constructor(host: SessionHost, id: string, client: DialogClient, more: TakenUp) {
    super(host, id, client);
    const { peerAllowsUpdate = false, sessionInterval, weRefresh = false } = client.dialog;
    this.weMadeCallId = more.outbound;
    this.peerAllowsUpdate = peerAllowsUpdate;
    this.exchange.restored(more);
    // Its connections are gone, and it may come back of itself before it can be reached.
    client.mayReturn();
    if (sessionInterval !== undefined) this.refresher.takeUp({ interval: sessionInterval, weRefresh });
  }

  /** Sends our 200 to the peer's INVITE again, until its acknowledgement comes. */
  answerAgain(invite: ServerTransaction, sdp: string | undefined): void {
    const { localContact, localTag } = this.client.dialog;
    const number = sequence(invite.request);
    const response = invite.reply(200, {
      tag: localTag,
      headers: [
        ['Contact', `<${localContact}>`],
        ['Allow', allow],
        ['Supported', supported],
        ...this.refresher.repeatAnswer(),
      ],
      content: sdp === undefined ? undefined : sdpContent(sdp),
    });
    this.exchange.acceptedBefore();
    this.repeatUntilAck(number, response, invite, true);
  }

  /** A 2xx to an INVITE of the process before, whose ACK was lost with it or on its way. */
  override receiveStray(response: SipResponse, flow: Flow): void {
    if (callId(response) !== this.client.dialog.callId) return;
    if (toTag(response) === this.client.dialog.remoteTag) this.client.acknowledge(sequence(response));
    else endStrayDialog(this.host, response, flow);
  }
}
