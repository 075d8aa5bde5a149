import { describe, expect, it } from '@jest/globals';
import {
  answered,
  CALLER,
  call,
  callee,
  callerLeftData,
  commands,
  dial,
  failed,
  fetched,
  gather,
  leftData,
  number,
  pause,
  received,
  running,
  say,
} from './testing/call-events.ts';

const WITH_CALLEE = ['caller: HangupRequested', 'callee 1: HangupRequested'];
const TWO = [number('+15550111'), number('+15550122')];

const states = {
  fetching: [call(received), ['caller: HangupRequested']],
  speaking: [running(say('Hello')), ['caller: HangupRequested']],
  pausing: [running(pause(10)), ['caller: HangupRequested']],
  prompting: [running(gather({ prompts: [say('Press')] })), ['caller: HangupRequested']],
  'waiting for keys': [running(gather()), ['caller: HangupRequested']],
  'ringing for one': [running(dial()), WITH_CALLEE],
  'ringing for two': [running(dial({ targets: TWO })), [...WITH_CALLEE, 'callee 2: HangupRequested']],
  talking: [call(received, fetched(dial()), answered(0)), WITH_CALLEE],
  apologizing: [call(received, failed), ['caller: HangupRequested']],
} as const;

describe.each(Object.entries(states))('a call that is %s', (_name, [now, everybody]) => {
  const others = everybody.filter((one) => !one.startsWith('caller'));

  it('ends when the caller leaves', () => {
    const then = now.when('CallLegLeft', callerLeftData);
    expect(then.state).toBe(others.length === 0 ? 'concluding' : 'ending');
    expect(then.context.end).toMatchObject({ reason: 'completed', by: 'peer' });
    expect(commands(then)).toEqual(others);
  });

  it('ends with everybody when it is asked to', () => {
    const then = now.when('CallHangupRequested', { reason: 'completed', detail: 'By the API' });
    expect(then).toMatchObject({ state: 'ending', context: { end: { reason: 'completed', by: 'router' } } });
    expect(commands(then)).toEqual(everybody);
    const [first] = then.effects;
    expect(first).toMatchObject({ message: { data: { reason: 'completed', detail: 'By the API' } } });
  });

  it('ends with everybody when the caller’s media stops', () => {
    const then = now.when('CallLegMediaStopped', { legId: CALLER, silentFor: 30_000 });
    expect(then.context.end).toEqual({
      reason: 'media-stopped',
      detail: 'No audio came from the caller for 30 s',
      by: 'gateway',
    });
    expect(commands(then)).toEqual(everybody);
  });

  it('ends with everybody after a day', () => {
    const then = now.when('TimerRang', { timer: 'limit' }, 24 * 3_600_000);
    expect(then.context.end).toEqual({ reason: 'completed', detail: 'The call lasted a day', by: 'router' });
    expect(commands(then)).toEqual(everybody);
  });

  it('has one timer left when it ends, and none when it has ended', () => {
    const ending = now.when('CallHangupRequested', { reason: 'completed' });
    expect(Object.keys(ending.context.timers)).toEqual(['goodbye']);
    const concluding = ending.when('TimerRang', { timer: 'goodbye' }, 40_000);
    expect(concluding).toMatchObject({ state: 'concluding', context: { timers: {} } });
    expect(concluding.effects).toMatchObject([{ type: 'conclude', reason: 'completed' }]);
  });
});

describe('a call that is ending', () => {
  const ending = call(received, fetched(dial()), answered(0)).when(
    'CallHangupRequested',
    { reason: 'completed' },
    60_000,
  );

  it('ends when the last leg has left, and says how long it was since the answer', () => {
    const one = ending.when('CallLegLeft', leftData(0));
    expect(one).toMatchObject({ state: 'ending', effects: [] });
    const none = one.when('CallLegLeft', callerLeftData);
    expect(none).toMatchObject({ state: 'concluding', context: { timers: {} } });
    expect(none.effects).toEqual([
      { type: 'conclude', reason: 'completed', detail: undefined, duration: 60_003 },
    ]);
    expect(none.when('CallEnded', { reason: 'completed', duration: 60_003 })).toMatchObject({
      state: 'ended',
      done: true,
      effects: [],
    });
  });

  it('that was not answered lasted no time', () => {
    const unanswered = call(received).when('CallLegLeft', callerLeftData, 5000);
    expect(unanswered.effects).toMatchObject([{ type: 'conclude', duration: 0 }]);
  });

  it('hangs up whoever answers now', () => {
    const ringing = running(dial()).when('CallHangupRequested', { reason: 'completed' });
    expect(commands(ringing.when('CallLegAnswered', callee(0)))).toEqual(['callee 1: HangupRequested']);
  });

  it('takes nothing else of what its legs do', () => {
    expect(ending.when('CallPlayFinished', { legId: CALLER, playId: 'PL1', outcome: 'stopped' }).taken).toBe(
      false,
    );
    expect(ending.when('CallLegMediaStopped', { legId: CALLER, silentFor: 1 }).taken).toBe(false);
    expect(ending.when('CallHangupRequested', { reason: 'failed' }).taken).toBe(false);
  });

  it('hangs up again after a restart, for the reason that it had, and concludes again', () => {
    const again = ending.when('OwnerRestarted', { node: 'us1' });
    expect(commands(again)).toEqual(WITH_CALLEE);
    expect(again.context.end).toMatchObject({ reason: 'completed' });
    const concluding = ending.when('CallLegLeft', leftData(0)).when('CallLegLeft', callerLeftData);
    expect(concluding.when('OwnerRestarted', { node: 'us1' })).toMatchObject({
      state: 'concluding',
      effects: [{ type: 'conclude', reason: 'completed' }],
    });
  });
});

describe('a call', () => {
  it('keeps what could not be done, and goes on', () => {
    const failure = { action: 'command', code: 'link.region-unreachable', message: 'Away' };
    expect(running(say('Hello')).when('ActionFailed', failure)).toMatchObject({
      state: 'running.speaking',
      effects: [],
      context: { lastFailure: { message: 'Away' } },
    });
  });

  it('is not moved by a leg that is none of its own', () => {
    const then = running(say('Hello')).when('CallLegLeft', {
      legId: 'LEother',
      reason: 'completed',
      by: 'peer',
    });
    expect(then).toMatchObject({ state: 'running.speaking', effects: [] });
    expect(then.context.legs).not.toHaveProperty('LEother');
  });
});
