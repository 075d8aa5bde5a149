import { describe, expect, it } from '@jest/globals';
import { START, said } from '../../testing/given.ts';
import {
  ACTION,
  APP,
  CALLER,
  call,
  commanded,
  commands,
  failed,
  failedData,
  fetchedData,
  hangup,
  pause,
  playDigits,
  playedData,
  playFile,
  received,
  receivedData,
  receivedWithFallback,
  redirect,
  reject,
  request,
  running,
  say,
} from './testing/call-events.ts';

const HANG_UP = 'caller: HangupRequested';

describe('what an application had us keep', () => {
  it('goes with each request after, also one that follows a failure, and after a restart', () => {
    const session = 'sealed';
    const redirected = call(received).when('DocumentFetched', (before) => ({
      ...fetchedData({ redirect: { url: APP, method: 'POST' } })(before),
      session,
    }));
    expect(request(redirected)).toMatchObject({ session });
    const again = call(
      received,
      said('DocumentFetched', (before) => ({
        ...fetchedData({ redirect: { url: APP, method: 'POST' } })(before),
        session,
      })),
    ).when('OwnerRestarted', { node: 'us1/r1' });
    expect(request(again)).toMatchObject({ session });
    const fallback = call(receivedWithFallback).when('DocumentFailed', (before) => ({
      ...failedData(before),
      session,
    }));
    expect(request(fallback)).toMatchObject({ session, request: { fallback: true } });
    expect(request(call().when('CallReceived', receivedData))).not.toHaveProperty('session');
  });
});

describe('a call that is received', () => {
  it('asks its application what to do, and says all about itself', () => {
    const then = call().when('CallReceived', receivedData);
    expect(then).toMatchObject({ state: 'running.fetching', context: { startedAt: START + 1 } });
    expect(request(then)).toMatchObject({
      accountSid: 'AC1',
      request: { url: APP, method: 'POST', fallback: false },
      params: {
        CallSid: 'CA1',
        AccountSid: 'AC1',
        From: '+15550199',
        To: '+15550100',
        CallerName: 'Ann',
        CallStatus: 'ringing',
        Direction: 'inbound',
        ApiVersion: '2010-04-01',
      },
    });
  });

  it('hands its caller’s X- header fields to the application as Twilio does', () => {
    const headers = { fields: [{ name: 'X-Customer', value: '42' }] };
    const then = call().when('CallReceived', { ...receivedData, facts: { headers } });
    expect(request(then).params).toMatchObject({ 'SipHeader_X-Customer': '42' });
  });

  it('for a number that nobody has is refused with 404', () => {
    const { accountSid: _sid, application: _application, ...unknown } = receivedData;
    const then = call().when('CallReceived', unknown);
    expect(then).toMatchObject({ state: 'ending', context: { end: { reason: 'not-found' } } });
    expect(commanded(then, 'HangupRequested')).toMatchObject({ reason: 'not-found', status: 404 });
  });
});

describe('Say and Play', () => {
  it('take the call, and are played to the caller', () => {
    const then = call(received).when('DocumentFetched', fetchedData(say('Hello', 2)));
    expect(then.state).toBe('running.speaking');
    expect(commands(then)).toEqual(['caller: AnswerRequested', 'caller: PlayRequested']);
    expect(commanded(then, 'PlayRequested')).toMatchObject({
      items: [{ speech: { text: 'Hello' } }],
      loop: 2,
      playId: then.context.playing!.id,
    });
  });

  it('play files, also without end', () => {
    expect(commanded(running(playFile('https://a.example/b.wav', 0)), 'PlayRequested')).toMatchObject({
      items: [{ file: { url: 'https://a.example/b.wav' } }],
      loop: 0,
    });
  });

  it('are followed by the next instruction, which takes the call no second time', () => {
    const then = running(say('One'), say('Two')).when('CallPlayFinished', playedData);
    expect(then.state).toBe('running.speaking');
    expect(commands(then)).toEqual(['caller: PlayRequested']);
  });

  it('do not wait for a play that was replaced', () => {
    const stale = { legId: CALLER, playId: 'PLother', outcome: 'stopped' };
    expect(running(say('One')).when('CallPlayFinished', stale).taken).toBe(false);
  });

  it('that fail are passed over, and why is kept', () => {
    const failure = { code: 'media.unreachable', message: 'No such file' };
    const then = running(playFile('https://a.example/b.wav'), pause(1)).when(
      'CallPlayFinished',
      (before) => ({
        ...playedData(before),
        outcome: 'failed',
        ...failure,
      }),
    );
    expect(then).toMatchObject({ state: 'running.pausing', context: { lastFailure: failure } });
  });

  it('send keys instead of a file, and go on once they are sent', () => {
    const then = running(playDigits('1w2'), pause(1));
    expect(commands(then)).toEqual([
      'caller: AnswerRequested',
      'caller: DigitsRequested',
      'caller: PlayRequested',
    ]);
    expect(commanded(then, 'DigitsRequested')).toEqual({ digits: '1w2' });
    expect(commanded(then, 'PlayRequested')).toMatchObject({ items: [{ silence: 20 }], loop: 1 });
    expect(then.when('CallPlayFinished', playedData).state).toBe('running.pausing');
  });
});

describe('Pause', () => {
  it('waits, and does not take the call', () => {
    const pausing = running(pause(3), say('Hello'));
    expect(pausing).toMatchObject({ state: 'running.pausing', effects: [] });
    expect(pausing.when('TimerRang', { timer: 'pause' }, 2999).taken).toBe(false);
    const then = pausing.when('TimerRang', { timer: 'pause' }, 3000);
    expect(then.state).toBe('running.speaking');
    expect(then.context.timers).not.toHaveProperty('pause');
  });
});

describe('Redirect', () => {
  it('goes on with another document, and what follows it is never run', () => {
    const then = running(redirect, say('Never'));
    expect(request(then)).toMatchObject({ request: { url: ACTION, method: 'GET' } });
    expect(then.when('DocumentFetched', fetchedData(hangup)).state).toBe('ending');
  });

  it('without end is ended, and the caller is told', () => {
    let then = running(redirect);
    for (let documents = 2; documents <= 100; documents++)
      then = then.when('DocumentFetched', fetchedData(redirect));
    expect(then.state).toBe('running.fetching');
    then = then.when('DocumentFetched', fetchedData(redirect));
    expect(then).toMatchObject({
      state: 'running.apologizing',
      context: { lastFailure: { code: 'document.endless' } },
    });
  });

  it('may go on for ever when it takes its time', () => {
    let then = running(redirect);
    for (let documents = 2; documents <= 300; documents++)
      then = then.when('DocumentFetched', fetchedData(redirect), 1000);
    expect(then.state).toBe('running.fetching');
  });
});

describe('Reject', () => {
  it.each(['busy', 'rejected'])('refuses a call as %s', (reason) => {
    const then = running(reject(reason));
    expect(then).toMatchObject({ state: 'ending', context: { end: { reason, by: 'router' } } });
    expect(commands(then)).toEqual([HANG_UP]);
    expect(commanded(then, 'HangupRequested')).toEqual({ reason });
  });
});

describe('the end of a document', () => {
  it.each([
    ['Hangup', [hangup, say('Never')]],
    ['nothing more', []],
  ])('is a call’s end: %s', (_what, instructions) => {
    const then = running(...instructions);
    expect(then).toMatchObject({ state: 'ending', context: { end: { reason: 'completed', by: 'router' } } });
    expect(commands(then)).toEqual([HANG_UP]);
  });
});

describe('a document that fails', () => {
  it('has the fallback asked, which is told why', () => {
    const then = call(receivedWithFallback).when('DocumentFailed', failedData);
    expect(then.state).toBe('running.fetching');
    expect(request(then)).toMatchObject({
      request: { url: 'https://backup.example/', method: 'GET', fallback: true },
      params: { CallSid: 'CA1', ErrorCode: 'document.bad-status', ErrorUrl: APP },
    });
    expect(then.when('DocumentFetched', fetchedData(say('Sorry'))).state).toBe('running.speaking');
  });

  it.each([
    ['without a fallback', call(received)],
    ['whose fallback fails too', call(receivedWithFallback, failed)],
  ])('%s is apologized for, and ends the call with the reason', (_which, fetching) => {
    const sorry = fetching.when('DocumentFailed', failedData);
    expect(sorry.state).toBe('running.apologizing');
    expect(commands(sorry)).toEqual(['caller: AnswerRequested', 'caller: PlayRequested']);
    const then = sorry.when('CallPlayFinished', playedData);
    expect(then.context.end).toEqual({
      reason: 'application-failed',
      detail: 'It answered with HTTP status 500.',
      by: 'router',
    });
    expect(commands(then)).toEqual([HANG_UP]);
  });

  it('or could not even be asked for is apologized for as well', () => {
    const failure = { action: 'fetch', code: 'runtime.unexpected', message: 'No secret' };
    const then = call(received).when('ActionFailed', failure);
    expect(then).toMatchObject({
      state: 'running.apologizing',
      context: { lastFailure: { message: 'No secret' } },
    });
    const other = { ...failure, action: 'command' };
    expect(call(received).when('ActionFailed', other).state).toBe('running.fetching');
  });

  it('is of no interest when another one is waited for', () => {
    const stale = (before: Parameters<typeof failedData>[0]) => ({
      ...failedData(before),
      requestId: 'RQother',
    });
    expect(call(received).when('DocumentFailed', stale).taken).toBe(false);
    expect(call(receivedWithFallback).when('DocumentFailed', stale).taken).toBe(false);
  });
});
