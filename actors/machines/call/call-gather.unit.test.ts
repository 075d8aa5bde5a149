import { describe, expect, it } from '@jest/globals';
import {
  ACTION,
  commanded,
  commands,
  gather,
  keyData,
  pause,
  playDigits,
  playedData,
  playFile,
  request,
  running,
  say,
} from './testing/call-events.ts';

const silence = { timer: 'gather' };

describe('Gather', () => {
  it('without prompts waits for keys at once, and takes the call', () => {
    const then = running(gather());
    expect(then.state).toBe('running.gathering.waiting');
    expect(commands(then)).toEqual(['caller: AnswerRequested']);
  });

  it('plays its prompts one after the other, then waits', () => {
    const first = running(
      gather({ prompts: [say('Press', 2), pause(2), playFile('https://a.example/b.wav')] }),
    );
    expect(first.state).toBe('running.gathering.prompting');
    expect(commanded(first, 'PlayRequested')).toMatchObject({
      items: [{ speech: { text: 'Press' } }],
      loop: 2,
    });
    const second = first.when('CallPlayFinished', playedData);
    expect(commanded(second, 'PlayRequested')).toMatchObject({ items: [{ silence: 2000 }], loop: 1 });
    const third = second.when('CallPlayFinished', playedData);
    expect(commanded(third, 'PlayRequested')).toMatchObject({ items: [{ file: {} }] });
    expect(third.context.timers).not.toHaveProperty('gather');
    const waiting = third.when('CallPlayFinished', playedData);
    expect(waiting.state).toBe('running.gathering.waiting');
    expect(waiting.context.timers).toHaveProperty('gather');
  });

  it('can have a prompt without end, and one that sends keys', () => {
    const endless = running(gather({ prompts: [say('Press', 0)] }));
    expect(commanded(endless, 'PlayRequested')).toMatchObject({ items: [{ speech: {} }], loop: 0 });
    expect(commands(running(gather({ prompts: [playDigits('12')] })))).toContain('caller: DigitsRequested');
  });

  it('hears keys during the prompt, which is stopped', () => {
    const then = running(gather({ prompts: [say('Press')] })).when('CallDigitPressed', keyData('1'));
    expect(then).toMatchObject({
      state: 'running.gathering.waiting',
      context: { digits: '1', playing: undefined },
    });
    expect(commands(then)).toEqual(['caller: PlayStopRequested']);
  });

  it('is complete with as many keys as it wants', () => {
    const then = running(gather({ numDigits: 2 }))
      .when('CallDigitPressed', keyData('1'))
      .when('CallDigitPressed', keyData('2'));
    expect(then.state).toBe('running.fetching');
    expect(request(then)).toMatchObject({
      request: { url: ACTION, method: 'POST' },
      params: { Digits: '12', msg: 'Gather End', CallStatus: 'in-progress' },
    });
    expect(request(then).params).not.toHaveProperty('FinishedOnKey');
    expect(then.context.timers).not.toHaveProperty('gather');
  });

  it('is complete with the finishing key, which is no digit', () => {
    const then = running(gather())
      .when('CallDigitPressed', keyData('1'))
      .when('CallDigitPressed', keyData('#'));
    expect(request(then).params).toMatchObject({ Digits: '1', FinishedOnKey: '#' });
  });

  it('takes every key for a digit where none finishes', () => {
    const then = running(gather({ finishOnKey: '' }))
      .when('CallDigitPressed', keyData('#'))
      .when('TimerRang', silence, 5000);
    expect(request(then).params).toMatchObject({ Digits: '#' });
  });

  it('counts silence anew from each key', () => {
    const then = running(gather())
      .when('CallDigitPressed', keyData('1'), 4000)
      .when('TimerRang', silence, 4999);
    expect(then.taken).toBe(false);
    expect(request(then.when('TimerRang', silence, 1)).params).toMatchObject({ Digits: '1' });
  });

  it.each([
    ['after silence', 'TimerRang', silence, 5000, {}],
    ['after the finishing key alone', 'CallDigitPressed', keyData('#'), 1, { FinishedOnKey: '#' }],
  ] as const)('with nothing pressed is passed over, %s', (_when, type, data, after, finishedBy) => {
    const empty = running(gather(), say('Nothing?')).when(type, data as never, after);
    expect(empty.state).toBe('running.speaking');
    const wanted = running(gather({ actionOnEmptyResult: true })).when(type, data as never, after);
    expect(request(wanted).params).toMatchObject({ Digits: '', ...finishedBy });
  });

  it('asks its own document where it names no action', () => {
    const { gather: asked } = gather() as { gather: object };
    const { action: _none, ...own } = asked as { action: string };
    const then = running({ gather: { ...own, numDigits: 1 } } as never).when(
      'CallDigitPressed',
      keyData('1'),
    );
    expect(request(then).request.url).toBe(then.context.document);
  });

  it('hears nobody but the caller, and nothing once it is complete', () => {
    expect(running(gather()).when('CallDigitPressed', keyData('1', 'LEother')).taken).toBe(false);
    const complete = running(gather({ numDigits: 1 })).when('CallDigitPressed', keyData('1'));
    expect(complete.when('CallDigitPressed', keyData('2')).taken).toBe(false);
  });

  it('begins without the keys of the one before', () => {
    const again = running(gather(), gather())
      .when('TimerRang', silence, 5000)
      .when('CallDigitPressed', keyData('7'))
      .when('CallDigitPressed', keyData('#'));
    expect(request(again).params).toMatchObject({ Digits: '7' });
    const twice = running(gather({ prompts: [say('One')] }), gather({ prompts: [say('Two')] }))
      .when('CallPlayFinished', playedData)
      .when('TimerRang', silence, 5000);
    expect(twice).toMatchObject({ state: 'running.gathering.prompting', context: { digits: '', prompt: 1 } });
  });
});
