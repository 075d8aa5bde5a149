import type { Dialog } from '@tandem/proto/generated/events.ts';
import type { SipRequest } from '../message/index.ts';
import { parseAddress, sequence } from '../message/index.ts';
import type { ServerTransaction } from '../transaction/index.ts';
import type { DialogClient } from './dialog-client.ts';
import type { SessionEvents } from './session.ts';

/** Whose peer refers. */
interface ReferredSession {
  readonly client: DialogClient;
  readonly dialog: Dialog;
  readonly over: boolean;
  listens(event: 'refer'): boolean;
  emit(event: 'refer', ...refer: SessionEvents['refer']): void;
}

/**
 * A REFER of the peer's (RFC 3515). What comes of it is not reported: the one NOTIFY that the RFC demands says that
 * the call is being tried and that no more follows; a peer that wants none says so (RFC 4488).
 */
export const receiveRefer = (
  session: ReferredSession,
  request: SipRequest,
  transaction: ServerTransaction,
): void => {
  const referTo = request.headers.get('Refer-To');
  if (referTo === undefined) {
    transaction.reply(400, { phrase: 'Missing Refer-To' });
    return;
  }
  if (!session.listens('refer')) {
    transaction.reply(603);
    return;
  }
  const referredBy = request.headers.get('Referred-By');
  const silent = request.headers.get('Refer-Sub')?.trim().toLowerCase() === 'false';
  session.emit('refer', {
    referTo: parseAddress(referTo, 'Refer-To').uri,
    referredBy: referredBy === undefined ? undefined : parseAddress(referredBy, 'Referred-By').uri,
    accept: () => {
      if (transaction.answered) return;
      transaction.reply(202, { headers: silent ? [['Refer-Sub', 'false']] : [] });
      if (silent || session.over) return;
      session.client.request(
        'NOTIFY',
        {
          headers: [
            ['Event', `refer;id=${sequence(request)}`],
            ['Subscription-State', 'terminated;reason=noresource'],
            ['Contact', `<${session.dialog.localContact}>`],
          ],
          content: { type: 'message/sipfrag;version=2.0', body: 'SIP/2.0 100 Trying\r\n' },
        },
        { onResponse: () => {}, onFailure: () => {} },
      );
    },
    refuse: (status) => {
      if (!transaction.answered) transaction.reply(status);
    },
  });
};
