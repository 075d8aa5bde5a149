import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Then } from '../../testing/given.ts';
import {
  choices,
  expectDoneStaysDone,
  expectReplayTheSame,
  expectRestoredTheSame,
  type Heard,
  heard,
  live,
  liveOn,
} from '../testing/random-life.ts';
import type { LegContext, LegEffect } from './leg-context.ts';
import { legKind } from './leg-machine.ts';
import { allocatedData, dialog, offeredData, playData, requestedData } from './testing/leg-events.ts';

type LegThen = Then<LegEffect, LegContext>;

const { offer: _none, ...offeredLate } = offeredData;
const BEGINNINGS: readonly Heard[] = [
  heard('LegOffered', offeredData),
  heard('LegOffered', offeredLate),
  heard('LegRequested', requestedData),
  heard('LegRequested', { ...requestedData, routes: [] }),
];
const REST: readonly Heard[] = [
  heard('MediaAllocated', allocatedData),
  heard('MediaRefused', { code: 'media.no-ports', message: 'None' }),
  heard('RingRequested', { earlyMedia: true }),
  heard('RingRequested', { earlyMedia: false }),
  heard('AnswerRequested', {}),
  heard('AnswerConfirmed', {}),
  heard('AnswerConfirmed', { sdp: 'their answer' }),
  heard('InviteSent', { dialog, via: 'their via', route: 0 }),
  heard('ProgressReceived', { status: 180, phrase: '' }),
  heard('ProgressReceived', { status: 183, phrase: '', sdp: 'early' }),
  heard('AnswerReceived', { dialog, sdp: 'their answer', route: 0 }),
  heard('RefusalReceived', { status: 503, phrase: '', route: 0 }),
  heard('RefusalReceived', { status: 408, phrase: '', route: 0 }),
  heard('RefusalReceived', { status: 486, phrase: '', route: 0 }),
  heard('SessionChanged', { sdp: 'new', answer: 'ours', direction: 'inactive', dialog }),
  heard('SessionOffered', { sdp: 'our offer', dialog }),
  heard('SessionRefreshed', { dialog }),
  heard('SessionRefreshed', { dialog, offer: 'our sdp', answer: 'theirs' }),
  heard('HangupRequested', { reason: 'completed' }),
  heard('ByeReceived', {}),
  heard('CancelReceived', { reason: 'SIP;cause=200' }),
  heard('DialogFailed', { code: 'sip.x', message: 'No ACK' }),
  heard('LegEnded', { reason: 'completed', by: 'peer' }),
  heard('MediaStopped', { silentFor: 30_000 }),
  heard('MediaContested', { address: '198.51.100.66', port: 4000 }),
  heard('MediaLatched', { address: '198.51.100.1', port: 4000, codec: 'PCMU' }),
  heard('PlayRequested', playData),
  heard('PlayRequested', { ...playData, playId: 'PL2', loop: 0 }),
  heard('PlayStopRequested', { playId: 'PL1' }),
  heard('PlayFinished', { playId: 'PL1', outcome: 'completed' }),
  heard('PlayFinished', { playId: 'PL2', outcome: 'stopped' }),
  heard('DigitReceived', { digit: '1', source: 'rfc4733' }),
  heard('DigitsRequested', { digits: '12' }),
  heard('BridgeRequested', { peer: 'LE2', hears: true }),
  heard('UnbridgeRequested', {}),
  heard('ActionFailed', { action: 'play', code: 'media.x', message: 'No' }),
  heard('TimerRang', { timer: 'reply' }),
  heard('OwnerRestarted', { node: 'ie1/gw1' }),
  heard('LegAdopted', { region: 'ie1', gateway: 'gw2', from: 'gw1' }),
  heard('LegTaken', {}),
];

/** A leg begins; the ends are rarer than all else, so that lives are long. */
const LIVELY = REST.filter(
  ([type]) => !/Refus|Hangup|Bye|Cancel|DialogFailed|LegEnded|OwnerRestarted|LegAdopted|LegTaken/.test(type),
);
const mayHear = ({ state }: LegThen): readonly Heard[] =>
  state === 'new' ? [...BEGINNINGS, ...REST] : [...LIVELY, ...LIVELY, ...REST];

const lives = choices.map((chosen) =>
  live<LegEffect, LegContext>(legKind, [chosen.length % 3, ...chosen], mayHear),
);

/** What a gateway says to what its leg asks of it, at its most taciturn. */
const gateway = (asked: readonly LegEffect[]): Heard[] =>
  asked.flatMap((effect): Heard[] => {
    if (effect.type === 'allocate') return [heard('MediaAllocated', allocatedData)];
    if (effect.type === 'finish')
      return [heard('LegEnded', { reason: effect.end.reason, by: effect.end.by })];
    return [];
  });

describe('a leg, whatever it hears', () => {
  it('stays at its end, once it is there', () => {
    fc.assert(fc.property(lives, expectDoneStaysDone));
  });

  it('ends when it is hung up', () => {
    fc.assert(
      fc.property(lives, (states) => {
        const now = states.at(-1)!;
        const hungUp = [...states, now.when('HangupRequested', { reason: 'completed' })];
        const last = liveOn(hungUp, gateway).at(-1)!;
        expect(last.state).toBe('ended');
      }),
    );
  });

  it('has given its ports and its dialog back before it ends, unless nobody says so', () => {
    fc.assert(
      fc.property(lives, (states) => {
        const ended = states.findIndex(({ state }) => state === 'ended');
        const finished = states.findIndex(({ effects }) => effects.some(({ type }) => type === 'finish'));
        if (ended >= 0) expect(finished).toBeGreaterThanOrEqual(0);
        if (ended >= 0) expect(finished).toBeLessThan(ended);
      }),
    );
  });

  it('waits for the end of a play exactly while one is under way', () => {
    fc.assert(
      fc.property(lives, (states) => {
        for (const now of states) {
          const playing = now.context.playing?.playId;
          if (playing === undefined || !now.state.startsWith('live')) continue;
          expect(now.when('PlayFinished', { playId: playing, outcome: 'completed' }).taken).toBe(true);
        }
      }),
    );
  });

  it('is the same when its events are read again', () => {
    fc.assert(fc.property(lives, (states) => expectReplayTheSame(legKind, states.at(-1)!)));
  });

  it('is the same from a stored state on', () => {
    fc.assert(
      fc.property(lives, fc.nat(40), (states, from) => expectRestoredTheSame(legKind, states.at(-1)!, from)),
    );
  });
});
