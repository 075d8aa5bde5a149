import { describe, expect, it } from '@jest/globals';
import type { Instruction } from '@tandem/proto/generated/events.ts';
import fc from 'fast-check';
import {
  choices,
  expectDoneStaysDone,
  expectReplayTheSame,
  expectRestoredTheSame,
  expectTimersAreWaitedFor,
  expectTimersMoveOn,
  type Heard,
  heard,
  live,
  liveOn,
  timersOf,
} from '../testing/random-life.ts';
import type { CallContext, CallEffect } from './call-context.ts';
import { callKind } from './call-machine.ts';
import {
  CALLER,
  type CallThen,
  dial,
  failedData,
  fetchedData,
  gather,
  hangup,
  keyData,
  number,
  pause,
  playDigits,
  playFile,
  receivedData,
  redirect,
  reject,
  say,
} from './testing/call-events.ts';

const TWO = [number('+15550111', '12'), { sip: { uri: 'sip:anna@example.com' } }];
const DOCUMENTS: readonly (readonly Instruction[])[] = [
  [say('Hello', 2), playFile('https://a.example/b.wav')],
  [say('For ever', 0), say('Never')],
  [pause(2), say('Late')],
  [playDigits('1w2'), hangup],
  [gather({ prompts: [say('Press'), pause(1), playDigits('1')] }), say('Nothing')],
  [gather({ numDigits: 2, actionOnEmptyResult: true, prompts: [say('For ever', 0)] })],
  [dial(), say('Goodbye')],
  [dial({ targets: TWO, action: 'https://a.example/dialled', hangupOnStar: true, timeLimit: 60 })],
  [dial({ targets: TWO, sequential: true, answerOnBridge: true }), dial({ targets: TWO })],
  [dial({ targets: TWO, sequential: true }), dial({ targets: [] }), say('Nobody')],
  [redirect],
  [reject('busy')],
  [],
];

/** What ends a call is rarer than all else, so that lives are long. */
function mayHear(now: CallThen): readonly Heard[] {
  const any = anything(now);
  const lively = any.filter(
    ([type, data]) =>
      !/CallHangup|OwnerRestarted|MediaStopped/.test(type) &&
      !(type === 'CallLegLeft' && data.legId === CALLER) &&
      !(type === 'TimerRang' && data.timer === 'limit'),
  );
  return [...lively, ...lively, ...lively, ...any];
}

/** All that a call may hear in a state, sensible or not. */
function anything(now: CallThen): readonly Heard[] {
  const { context } = now;
  if (now.state === 'new') {
    const { application, accountSid: _sid, ...unknown } = receivedData;
    const withFallback = { ...application!, fallbackUrl: 'https://b.example/', fallbackMethod: 'GET' };
    return [
      ...[heard('CallReceived', receivedData), heard('CallReceived', receivedData)],
      ...[
        heard('CallReceived', { ...receivedData, application: withFallback }),
        heard('CallReceived', unknown),
      ],
    ];
  }
  const request = context.request ?? { id: 'RQ0', url: 'https://a.example/', method: 'POST' };
  const asked = { context: { ...context, request } as CallContext };
  const legs = [...Object.keys(context.legs), 'LEother'];
  return [
    ...DOCUMENTS.map((instructions) => heard('DocumentFetched', fetchedData(...instructions)(asked))),
    heard('DocumentFailed', failedData(asked)),
    ...legs.flatMap((legId): Heard[] => [
      heard('CallLegRinging', { legId, status: 180, earlyMedia: false }),
      heard('CallLegRinging', { legId, status: 183, earlyMedia: true }),
      heard('CallLegAnswered', { legId }),
      heard('CallLegMediaStopped', { legId, silentFor: 30_000 }),
      ...(legId === CALLER ? [] : [heard('CallLegLeft', { legId, reason: 'busy', by: 'peer' })]),
    ]),
    heard('CallLegLeft', { legId: CALLER, reason: 'completed', by: 'peer' }),
    ...[context.playing ?? 'PL0', 'PLold'].flatMap((playId): Heard[] => [
      heard('CallPlayFinished', { legId: CALLER, playId, outcome: 'completed' }),
      heard('CallPlayFinished', { legId: CALLER, playId, outcome: 'failed', code: 'x', message: 'No' }),
    ]),
    ...['1', '#', '*'].map((digit) => heard('CallDigitPressed', keyData(digit))),
    ...timersOf(now),
    heard('TimerRang', { timer: 'other' }),
    heard('ActionFailed', { action: 'fetch', code: 'x', message: 'No' }),
    heard('CallHangupRequested', { reason: 'completed' }),
    heard('CallEnded', { reason: 'completed', duration: 0 }),
    heard('OwnerRestarted', { node: 'us1' }),
  ];
}

const lives = choices.map((chosen) => live<CallEffect, CallContext>(callKind, [0, ...chosen], mayHear));

/**
 * What happens of itself: documents have nothing to say, what is played ends, phones ring unanswered, legs that
 * are hung up leave, callees hang up, and timers ring, except those for when nothing else happens.
 */
function world(asked: readonly CallEffect[], now: CallThen, lost: ReadonlySet<string>): readonly Heard[] {
  const answers = asked.flatMap((effect): Heard[] => {
    if (effect.type === 'fetch' && lost.has(effect.request.id)) return [];
    if (effect.type === 'fetch')
      return [heard('DocumentFetched', { ...fetchedData()({ context: { ...now.context, ...effect } }) })];
    if (effect.type === 'conclude') return [heard('CallEnded', { reason: effect.reason, duration: 0 })];
    const { legId, message } = effect;
    if (message.type === 'HangupRequested')
      return [heard('CallLegLeft', { legId, reason: 'completed', by: 'router' })];
    const play = message.data as { playId: string; loop?: number };
    if (message.type === 'PlayStopRequested' || (message.type === 'PlayRequested' && play.loop !== 0))
      return [heard('CallPlayFinished', { legId, playId: play.playId, outcome: 'completed' })];
    return [];
  });
  if (answers.length > 0) return answers;
  const { talkingTo } = now.context.dial ?? {};
  if (talkingTo !== undefined && now.context.legs[talkingTo]!.status !== 'left')
    return [heard('CallLegLeft', { legId: talkingTo, reason: 'completed', by: 'peer' })];
  const timers = timersOf(now).filter(
    ([, data]) => !['limit', 'goodbye', 'timeLimit'].includes((data as { timer: string }).timer),
  );
  if (timers.length > 0) return timers;
  // Nobody listens for ever to what never ends.
  return now.state.startsWith('running') && now.context.playing !== undefined
    ? [heard('CallLegLeft', { legId: CALLER, reason: 'completed', by: 'peer' })]
    : [];
}

/** Requests of which the call heard that they could not be made: nothing more comes of them. */
const lostRequests = (states: readonly CallThen[]): ReadonlySet<string> =>
  new Set(
    states.flatMap(({ events, taken }, index) => {
      const request = states[index - 1]?.context.request;
      return taken && events.at(-1)?.type === 'ActionFailed' && request ? [request.id] : [];
    }),
  );
const goOn = (states: readonly CallThen[]): CallThen => {
  const lost = lostRequests(states);
  return liveOn(states, (asked, now) => world(asked, now, lost)).at(-1)!;
};

describe('a call, whatever it hears', () => {
  it('stays at its end, once it is there', () => {
    fc.assert(fc.property(lives, expectDoneStaysDone));
  });

  it('has timers that ring once', () => {
    fc.assert(fc.property(lives, expectTimersMoveOn));
  });

  it('has no timer that it does not wait for', () => {
    fc.assert(fc.property(lives, expectTimersAreWaitedFor));
  });

  it('gets to its end by what happens of itself, and leaves no leg behind', () => {
    fc.assert(
      fc.property(lives, (states) => {
        const last = goOn(states);
        expect(last.state).toBe('ended');
        // A leg that the call saw left is gone; one that it gave up on rang its last timer.
        const gaveUp = last.events.some(
          (event) => event.type === 'TimerRang' && event.data.timer === 'goodbye',
        );
        const statuses = Object.values(last.context.legs).map(({ status }) => status);
        if (!gaveUp) expect(statuses.filter((status) => status !== 'left')).toEqual([]);
      }),
    );
  });

  it('ends with all its legs when it is told to', () => {
    fc.assert(
      fc.property(lives, (states) => {
        const now = states.at(-1)!.when('CallHangupRequested', { reason: 'completed' });
        expect(goOn([...states, now]).state).toBe('ended');
      }),
    );
  });

  it('is the same when its events are read again', () => {
    fc.assert(fc.property(lives, (states) => expectReplayTheSame(callKind, states.at(-1)!)));
  });

  it('is the same from a stored state on', () => {
    fc.assert(
      fc.property(lives, fc.nat(40), (states, from) => expectRestoredTheSame(callKind, states.at(-1)!, from)),
    );
  });
});
