import type { Dialog, Messages } from '@tandem/proto/generated/events.ts';
import { given, type Said, said } from '../../../testing/given.ts';
import type { LegContext, LegEffect } from '../leg-context.ts';
import { legKind } from '../leg-machine.ts';

// What happens to a leg, in the words of a test.

export const dialog: Dialog = {
  callId: 'abc@192.0.2.7',
  localTag: 'ours',
  remoteTag: 'theirs',
  localUri: 'sip:+15550100@192.0.2.1',
  remoteUri: 'sip:+15550199@192.0.2.7',
  remoteTarget: 'sip:+15550199@192.0.2.7:5060',
  routeSet: [],
  localSeq: 0,
  remoteSeq: 1,
  transport: 'udp',
  peerAddress: '192.0.2.7',
  peerPort: 5060,
  localContact: 'sip:192.0.2.1:5060',
};

const who = {
  legId: 'LE1',
  callSid: 'CA1',
  region: 'ie1',
  gateway: 'gw1',
  from: '+15550199',
  to: '+15550100',
  facts: {},
};

export const offeredData: Messages['LegOffered'] = {
  ...who,
  trunk: 'carrier',
  dialog,
  offer: 'their offer',
  codecs: ['PCMU'],
};
export const requestedData: Messages['LegRequested'] = {
  ...who,
  timeout: 30_000,
  codecs: [],
  routes: [
    { trunk: 'one', uri: 'sip:+15550100@one.example' },
    { trunk: 'two', uri: 'sip:+15550100@two.example' },
  ],
};
const { offer: _none, ...withoutOffer } = offeredData;

export const allocatedData: Messages['MediaAllocated'] = {
  mediaId: 'LE1',
  address: '192.0.2.1',
  port: 20_000,
  sdp: 'our sdp',
};
export const playData: Messages['PlayRequested'] = {
  playId: 'PL1',
  items: [{ tone: { name: 'beep' } }],
  loop: 1,
};

export type Happening = Said<LegContext>;

// Inbound.
export const offered: Happening = said('LegOffered', offeredData);
export const offeredLate: Happening = said('LegOffered', withoutOffer);
export const allocated: Happening = said('MediaAllocated', allocatedData);
export const ringAsked: Happening = said('RingRequested', { earlyMedia: false });
export const answerAsked: Happening = said('AnswerRequested', {});
export const confirmed: Happening = said('AnswerConfirmed', {});

// Outbound.
export const requested: Happening = said('LegRequested', requestedData);
export const rings: Happening = said('ProgressReceived', { status: 180, phrase: 'Ringing' });
export const answers: Happening = said('AnswerReceived', { dialog, sdp: 'their answer', route: 0 });
export const refuses = (status: number): Happening =>
  said('RefusalReceived', { status, phrase: 'No', route: 0 });

// Either.
export const playAsked: Happening = said('PlayRequested', playData);
export const bridgeAsked: Happening = said('BridgeRequested', { peer: 'LE2', hears: true });
export const hangUpAsked: Happening = said('HangupRequested', { reason: 'completed' });

export const connected: readonly Happening[] = [offered, allocated, answerAsked, confirmed];

/** A leg to which this happened. */
export const leg = (...events: readonly Happening[]) => given<LegEffect, LegContext>(legKind, ...events);
