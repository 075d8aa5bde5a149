import { describe, expect, it } from '@jest/globals';
import { said } from '../../testing/given.ts';
import type { CallContext, CallEffect } from '../execution/call-context.ts';
import {
  CALLER,
  type CallThen,
  call,
  callee,
  callerLeftData,
  commanded,
  commands,
  dial,
  dialled,
  fetched,
  gather,
  leftData,
  number,
  pause,
  playDigits,
  playedData,
  receivedData,
  request,
  say,
  unplaced,
} from './testing/call-events.ts';

const received = said<'CallReceived', CallContext>('CallReceived', { ...receivedData, router: 'us1/r1' });
const running = (...instructions: Parameters<typeof fetched>): CallThen =>
  call(received, fetched(...instructions));
/** The first leg that is dialled is asked for where the caller is. */
const asked = (then: CallThen): CallThen =>
  then.when('CallLegPlaced', { legId: dialled(then)[0]!, region: 'ie1', gateway: 'gw1' });
const takenOver = (then: CallThen): CallThen =>
  then.when('CallTakenOver', { router: 'us1/r2', from: 'us1/r1' });
const restarted = (then: CallThen): CallThen => then.when('OwnerRestarted', { node: 'us1/r1' });
const keysTo = (then: CallThen): (string | undefined)[] =>
  then.effects.flatMap((effect: CallEffect) =>
    effect.type === 'command' && effect.message.type === 'DigitsRequested' ? [effect.once] : [],
  );

describe.each([
  ['restarted', restarted],
  ['another', takenOver],
])('a call whose router is %s', (_name, goOn) => {
  it('asks again for the document that it waits for, under the same id', () => {
    const before = call(received);
    const then = goOn(before);
    expect(request(then)).toEqual(request(before));
    expect(then.state).toBe('running.fetching');
  });

  it('says again what it says, as the same', () => {
    const before = running(say('Hello'));
    const then = goOn(before);
    expect(commands(then)).toEqual(['caller: AnswerRequested', 'caller: PlayRequested']);
    expect(commanded(then, 'PlayRequested')).toEqual(commanded(before, 'PlayRequested'));
    expect(then.when('CallPlayFinished', playedData).taken).toBe(true);
  });

  it('sends keys as the same', () => {
    const before = running(playDigits('12'));
    expect(keysTo(goOn(before))).toEqual(keysTo(before));
  });

  it('keeps its deadlines, and asks for nothing while it waits', () => {
    const before = running(pause(5));
    const then = goOn(before);
    expect(then.context.timers).toEqual(before.context.timers);
    expect(then.effects).toEqual([]);
  });

  it('has what is to be silent stopped', () => {
    const before = running(gather({ prompts: [say('Press')] })).when('CallDigitPressed', {
      legId: CALLER,
      digit: '1',
    });
    expect(before.state).toBe('running.gathering.waiting');
    expect(commands(goOn(before))).toEqual(['caller: AnswerRequested', 'caller: PlayStopRequested']);
  });

  it('has legs placed that nobody has, and asked for that somebody has', () => {
    const targets = [number('+15550111'), number('+15550112')];
    const before = unplaced(received, fetched(dial({ targets, answerOnBridge: true })));
    expect(goOn(before).effects.map(({ type }) => type)).toContain('placeLeg');
    const then = goOn(asked(before));
    expect(commands(then)).toEqual([
      'caller: RingRequested',
      'callee 1: LegRequested',
      'caller: UnbridgeRequested',
    ]);
    expect(then.effects.filter(({ type }) => type === 'placeLeg')).toHaveLength(1);
  });

  it('keeps early media that the caller has, when the next is tried', () => {
    const inTurn = { sequential: true, targets: [number('+15550111'), number('+15550112')] };
    const before = asked(unplaced(received, fetched(dial({ ...inTurn, answerOnBridge: true }))))
      .when('CallLegRinging', (now) => ({ ...callee(0)(now), status: 183, earlyMedia: true }))
      .when('CallLegLeft', leftData(0));
    const then = goOn(before);
    expect(commanded(then, 'RingRequested')).toEqual({ earlyMedia: true });
    expect(commands(then)).toContain('caller: PlayRequested');
  });

  it('joins those who talk, and sends what follows an answer as the same', () => {
    const ringing = asked(unplaced(received, fetched(dial({ targets: [number('+15550111', '9')] }))));
    const before = ringing.when('CallLegAnswered', callee(0));
    const then = goOn(before);
    expect(commands(then)).toEqual([
      'caller: AnswerRequested',
      'caller: BridgeRequested',
      'callee 1: BridgeRequested',
      'caller: PlayStopRequested',
      'callee 1: DigitsRequested',
    ]);
    expect(keysTo(then)).toEqual(keysTo(before));
    const late = before.when('MediaPathReviewRequested', { reason: 'later', mustMove: false }, 60_000);
    expect(keysTo(goOn(late))).toEqual([]);
  });

  it('hangs up whom it has let go', () => {
    const ringing = asked(unplaced(received, fetched(dial({ hangupOnStar: true }), pause(5))));
    const talking = ringing.when('CallLegAnswered', callee(0));
    const before = talking.when('CallDigitPressed', { legId: CALLER, digit: '*' });
    expect(before.state).toBe('running.pausing');
    expect(commands(goOn(before))).toContain('callee 1: HangupRequested');
    const left = before.when('CallLegLeft', leftData(0));
    expect(commands(goOn(left))).not.toContain('callee 1: HangupRequested');
  });

  it('goes on ending, for the reason that it had', () => {
    const ending = running(say('Bye')).when('CallHangupRequested', { reason: 'busy' });
    const then = goOn(ending);
    expect(commands(then)).toEqual(['caller: HangupRequested']);
    expect(then.context.end).toMatchObject({ reason: 'busy' });
    const concluding = goOn(ending.when('CallLegLeft', callerLeftData));
    expect(concluding).toMatchObject({
      state: 'concluding',
      effects: [{ type: 'conclude', reason: 'busy' }],
    });
  });
});

describe('a call that two routers take for theirs', () => {
  it('is the one of whoever takes it first from the one that had it', () => {
    const then = takenOver(running(say('Hello')));
    expect(then.context).toMatchObject({ router: 'us1/r2', takeovers: 1 });
    expect(then.when('CallTakenOver', { router: 'us1/r3', from: 'us1/r1' }).taken).toBe(false);
    expect(then.when('OwnerRestarted', { node: 'us1/r1' }).taken).toBe(false);
    expect(then.when('CallTakenOver', { router: 'us1/r1', from: 'us1/r2' }).context).toMatchObject({
      router: 'us1/r1',
      takeovers: 2,
    });
    expect(dialled(then)).toEqual([]);
  });
});
