import { describe, expect, it } from '@jest/globals';
import type { Instruction, Messages, PipeEnd } from '@tandem/proto/generated/events.ts';
import fc from 'fast-check';
import type { CallContext, CallEffect, ChoosePath } from '../execution/call-context.ts';
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
  noDecision,
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
      heard('CallReceived', receivedData),
      heard('CallReceived', { ...receivedData, ringsWhenAsked: true }),
      heard('CallReceived', { ...receivedData, application: withFallback }),
      heard('CallReceived', unknown),
    ];
  }
  const request = context.request ?? { id: 'RQ0', url: 'https://a.example/', method: 'POST' };
  const asked = { context: { ...context, request } as CallContext };
  const legs = [...Object.keys(context.legs), 'LEother'];
  return [
    ...DOCUMENTS.map((instructions) => heard('DocumentFetched', fetchedData(...instructions)(asked))),
    heard('DocumentFailed', failedData(asked)),
    ...legs.flatMap((legId): Heard[] => [
      heard('CallLegInvited', { legId }),
      heard('CallLegRinging', { legId, status: 180, earlyMedia: false }),
      heard('CallLegRinging', { legId, status: 183, earlyMedia: true }),
      heard('CallLegAnswered', { legId }),
      heard('CallLegMediaStopped', { legId, silentFor: 30_000 }),
      ...(legId === CALLER ? [] : [heard('CallLegLeft', { legId, reason: 'busy', by: 'peer' })]),
    ]),
    heard('CallLegLeft', { legId: CALLER, reason: 'completed', by: 'peer' }),
    ...[context.playing?.id ?? 'PL0', 'PLold'].flatMap((playId): Heard[] => [
      heard('CallPlayFinished', { legId: CALLER, playId, outcome: 'completed' }),
      heard('CallPlayFinished', { legId: CALLER, playId, outcome: 'failed', code: 'x', message: 'No' }),
    ]),
    ...legs.flatMap((legId): Heard[] => [
      heard('CallLegPlaced', { legId, region: 'ie1', gateway: 'gw1' }),
      heard('CallLegPlaced', { legId, region: 'de1', gateway: 'gw1' }),
      heard('CallLegUnplaced', { legId, code: 'sip.gateway-draining', message: 'No' }),
      heard('CallLegAdopterChosen', { legId, ...adopter }),
      heard('CallLegNotAdopted', { legId, gateway: 'gw2', code: 'sip.gateway-full', message: 'No' }),
      heard('CallLegNotAdopted', { legId, code: 'routing.no-adopter', message: 'No' }),
      heard('CallLegMoved', { legId, region: 'ie1', gateway: 'gw2' }),
    ]),
    heard('CallPlayFinished', {
      legId: CALLER,
      playId: context.playing?.id ?? 'PL0',
      outcome: 'failed',
      code: 'media.no-service',
      message: 'No',
    }),
    ...aboutMedia(context),
    ...['1', '#', '*'].map((digit) => heard('CallDigitPressed', keyData(digit))),
    ...timersOf(now),
    heard('TimerRang', { timer: 'other' }),
    heard('ActionFailed', { action: 'fetch', code: 'x', message: 'No' }),
    heard('CallHangupRequested', { reason: 'completed' }),
    heard('CallEnded', { reason: 'completed', duration: 0 }),
    heard('OwnerRestarted', { node: 'us1' }),
    heard('CallTakenOver', { router: 'us1/r2', from: now.context.router }),
  ];
}

const end: PipeEnd = { address: '127.0.1.1', port: 1, srtpSuite: 'AEAD_AES_256_GCM', srtpKey: 'secret' };

const adopter: Omit<Messages['CallLegAdopterChosen'], 'legId'> = {
  region: 'ie1',
  gateway: 'gw2',
  decision: noDecision,
};

/** A way for media as a policy may choose it: here, from one place to another, or by way of a third. */
const chosenPath = (
  { pathId, from, to }: ChoosePath,
  regions: readonly string[],
): Messages['MediaPathChosen'] => ({
  pathId,
  from,
  mode: 'multi-regional',
  reason: 'bridge',
  ...(to !== undefined && { to }),
  nodes: regions.map((region) => ({ region, gateway: 'gw1', services: [], codec: 'PCMU' })),
});

/** What a call may hear about where its media goes. */
function aboutMedia({ media }: CallContext): readonly Heard[] {
  const pipes = [...(media.path?.pipes ?? []), ...(media.next?.pipes ?? [])].map(({ id }) => id);
  const asked = media.asked ? [media.asked] : [];
  return [
    ...asked.flatMap((question): Heard[] => [
      ...[['ie1'], ['ie1', 'de1'], ['ie1', 'us1', 'de1']].map((regions) =>
        heard('MediaPathChosen', chosenPath(question, regions)),
      ),
      heard('MediaPathChosen', { ...chosenPath(question, ['ie1', 'de1']), prohibited: 'policy x' }),
      ...['x', 'routing.prohibited'].map((code) =>
        heard('MediaPathRefused', { pathId: question.pathId, from: question.from, code, message: 'No' }),
      ),
    ]),
    ...[...pipes, 'PIother'].flatMap((pipeId): Heard[] => [
      heard('CallPipeOpened', { pipeId, end }),
      heard('CallPipeConnected', { pipeId }),
      heard('CallPipeLeft', { pipeId, reason: 'restarted' }),
    ]),
    heard('MediaPathReviewRequested', { reason: 'worse', mustMove: false }),
    heard('MediaPathReviewRequested', { reason: 'gone', mustMove: true }),
    heard('MediaPathReviewRequested', { reason: 'policies', mustMove: false, policies: true }),
    heard('CallGatewayLost', { region: 'de1', gateway: 'gw1', reason: 'gone' }),
    heard('CallGatewayLost', { region: 'ie1', gateway: 'gw1', reason: 'gone' }),
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
    if (effect.type === 'placeLeg') return [heard('CallLegPlaced', { legId: effect.legId, ...effect.near })];
    if (effect.type === 'findAdopter')
      return [
        effect.tried.length > 1
          ? heard('CallLegNotAdopted', { legId: effect.legId, code: 'x', message: 'No' })
          : heard('CallLegAdopterChosen', { legId: effect.legId, ...adopter }),
      ];
    if (effect.type === 'moveLeg') return [heard('CallLegMoved', { legId: effect.legId, ...effect.to })];
    if (effect.type === 'choosePath') return [heard('MediaPathChosen', chosenPath(effect, ['ie1', 'de1']))];
    if (effect.type === 'failPlay') return [heard('CallPlayFinished', { ...effect, outcome: 'failed' })];
    const { legId, message } = effect;
    if (message.type === 'PipeRequested') return [heard('CallPipeOpened', { pipeId: legId, end })];
    if (message.type === 'PipeConnectRequested') return [heard('CallPipeConnected', { pipeId: legId })];
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
        if (!gaveUp)
          expect(statuses.filter((status) => status !== 'left' && status !== 'placing')).toEqual([]);
      }),
    );
  });

  it('commands nobody who is nowhere, and gives back every pipe that it asked for', () => {
    fc.assert(
      fc.property(lives, (states) => {
        const now = states.at(-1)!.when('CallHangupRequested', { reason: 'completed' });
        const commands = [...states, now]
          .filter(({ taken }) => taken)
          .flatMap(({ effects }) => effects.filter((effect) => effect.type === 'command'));
        expect(commands.filter(({ region }) => region === '')).toEqual([]);
        const about = (type: string) =>
          commands.filter(({ message }) => message.type === type).map(({ legId }) => legId);
        const [asked, ended] = [about('PipeRequested'), new Set(about('PipeEndRequested'))];
        const left = new Set(
          now.events.flatMap(({ type, data }) => (type === 'CallPipeLeft' ? [data.pipeId] : [])),
        );
        if (now.state !== 'new') expect(asked.filter((id) => !ended.has(id) && !left.has(id))).toEqual([]);
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
