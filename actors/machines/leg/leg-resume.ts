import type { Dialog, Messages } from '@tandem/proto/generated/events.ts';
import type { LegContext, LegTransition } from './leg-context.ts';
import { ending } from './leg-dialog.ts';
import { aheadOfAllSent, aheadOfOtherGateway } from './leg-sequence.ts';
import { connect, ourSdp } from './leg-session.ts';

// A connected leg goes on after its gateway's process was restarted: the dialog is taken up from what is stored, the
// same ports are asked for, what the media did begins again, and a refresh of the session tells whether the peer is
// still there.

/** Another gateway has the leg from now on; there, it hears `OwnerRestarted` and goes on as after a restart. */
export const adopted: LegTransition<'LegAdopted'> = ({ dialog }, { data: { region, gateway } }) => ({
  context: { region, gateway, ...(dialog && { dialog: aheadOfOtherGateway(dialog) }) },
});

/** The gateway that had it lets go: to the peer, the other one speaks. */
export const taken: LegTransition<'LegTaken'> = (context) =>
  ending(context, 'nothing', {
    reason: 'restarted',
    detail: 'Another gateway has taken the leg',
    by: 'router',
  });

/** The dialog is taken up again. `acknowledged`: whether the peer has acknowledged our answer, as far as is known. */
export const resume =
  (acknowledged: boolean): LegTransition<'OwnerRestarted'> =>
  (context) => {
    const { direction, routes, route, session, media, via, offering } = context;
    const dialog = aheadOfAllSent(context.dialog!);
    const { offerer, offer, answer } = session;
    const remote = offerer === 'us' ? answer : offer;
    return {
      context: { dialog, resuming: true, source: undefined, silentSince: undefined },
      effects: [
        {
          type: 'resume',
          dialog,
          outbound: direction === 'outbound',
          port: media!.port,
          local: offering ?? ourSdp(context),
          weOffered: offerer === 'us',
          ...(remote !== undefined && { remote }),
          ...(direction === 'outbound' && { trunk: routes[route]!.trunk }),
          ...(!acknowledged && via !== undefined && { unacknowledged: via }),
        },
      ],
    };
  };

/** Ports are there again, the same or others: media follows what was agreed, and the session is refreshed. */
export const portsAgain =
  (acknowledged: boolean): LegTransition<'MediaAllocated'> =>
  (context, { data }) => {
    const { offerer, offer, answer } = context.session;
    const { offering } = context;
    // The peer may have answered an offer that it asked for: who has which description, only another offer can tell.
    const moved = offering !== undefined || data.sdp !== ourSdp(context);
    return {
      context: {
        media: { id: data.mediaId, address: data.address, port: data.port },
        movedTo: moved ? data.sdp : undefined,
      },
      effects: [
        ...(offer !== undefined && answer !== undefined
          ? [connect(context, { offerer, offer, answer })]
          : []),
        // Until the peer has acknowledged our answer, nothing may be offered (RFC 3261, section 14.1).
        ...(acknowledged ? [{ type: 'refresh' as const, sdp: data.sdp, moved }] : []),
      ],
    };
  };

/** The acknowledgement that was missing says that the peer is there; it may have to hear of other ports. */
export const acknowledgedAgain: LegTransition<'AnswerConfirmed'> = ({ movedTo }) => ({
  context: { resuming: false },
  effects: movedTo === undefined ? [] : [{ type: 'refresh', sdp: movedTo, moved: true }],
});

/** What matters of a dialog to whoever takes it up: all but its sequence numbers, which any request changes. */
const essence = ({ localSeq: _local, remoteSeq: _remote, ...dialog }: Dialog): string =>
  JSON.stringify(Object.entries(dialog).sort(([one], [other]) => (one < other ? -1 : 1)));

/** Guard: most refreshes say nothing that is not known. */
export const isNews = ({
  context: { resuming, dialog },
  event,
}: {
  context: LegContext;
  event: { data: Messages['SessionRefreshed'] };
}): boolean => {
  const { offer } = event.data;
  return (
    resuming || offer !== undefined || dialog === undefined || essence(dialog) !== essence(event.data.dialog)
  );
};

export const refreshed: LegTransition<'SessionRefreshed'> = (context, { data }) => {
  const { dialog, offer, answer } = data;
  if (offer === undefined || answer === undefined) return { context: { dialog, resuming: false } };
  return {
    context: {
      dialog,
      resuming: false,
      movedTo: undefined,
      offering: undefined,
      session: { offerer: 'us', offer, answer },
    },
    effects: [connect(context, { offerer: 'us', offer, answer })],
  };
};

/** The dialog could not be taken up: the peer has hung up meanwhile, or does not answer. */
export const notResumed: LegTransition<'DialogFailed'> = (context, { data }) =>
  ending(
    context,
    'bye',
    data.status === 481
      ? { reason: 'completed', detail: 'The peer hung up while its gateway was away', by: 'peer' }
      : { reason: 'restarted', detail: data.message, by: 'gateway' },
  );

export const portsRefused: LegTransition<'MediaRefused'> = (context, { data }) =>
  ending(context, 'bye', { reason: 'media-failed', detail: data.message, by: 'gateway' });
