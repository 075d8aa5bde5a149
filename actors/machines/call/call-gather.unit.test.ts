import { describe, expect, it } from '@jest/globals';
import { said } from '../../testing/given.ts';
import {
  ACTION,
  CALLER,
  call,
  commanded,
  commands,
  dial,
  fetched,
  fetchedData,
  gather,
  keyData,
  left,
  pause,
  playDigits,
  playedData,
  playFile,
  received,
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

describe('a Gather that redacts', () => {
  const SEALED = ['sealed:1:a', 'sealed:1:b'];
  const redacted = (changes: object = {}) => gather({ redact: true, ...changes });

  it('has keys sealed before anything is said, from the first instruction of its document on', () => {
    const then = running(say('Welcome'), redacted({ finishOnKey: '*' }));
    expect(commands(then)).toEqual([
      'caller: KeySealingRequested',
      'caller: AnswerRequested',
      'caller: PlayRequested',
    ]);
    expect(commanded(then, 'KeySealingRequested')).toEqual({ sealTo: { keys: [] }, except: '*' });
    const next = then.when('CallPlayFinished', playedData);
    expect(next.state).toBe('running.gathering.waiting');
    expect(commands(next)).toEqual([]);
  });

  it('counts keys that it cannot read, and has them opened for its action only', () => {
    const first = running(redacted({ numDigits: 2 })).when('CallDigitPressed', keyData(SEALED[0]!));
    expect(first.state).toBe('running.gathering.waiting');
    const then = first.when('CallDigitPressed', keyData(SEALED[1]!));
    expect(request(then)).toMatchObject({ request: { sealedDigits: SEALED }, params: { Digits: '' } });
  });

  it('ends with its finishing key, which comes as it is', () => {
    const then = running(redacted())
      .when('CallDigitPressed', keyData(SEALED[0]!))
      .when('CallDigitPressed', keyData('#'));
    expect(request(then)).toMatchObject({
      request: { sealedDigits: [SEALED[0]] },
      params: { Digits: '', FinishedOnKey: '#' },
    });
  });

  it('keeps keys in their order, of which the first was pressed before its gateway had heard', () => {
    const then = running(redacted({ numDigits: 3 }))
      .when('CallDigitPressed', keyData('1'))
      .when('CallDigitPressed', keyData(SEALED[0]!))
      .when('CallDigitPressed', keyData('3'));
    expect(request(then)).toMatchObject({
      request: { sealedDigits: [SEALED[0], '3'] },
      params: { Digits: '1' },
    });
  });

  it('has none sealed during a Dial, nor by the next document; the next Gather begins without any', () => {
    const dialling = running(redacted(), dial(), gather()).when('TimerRang', silence, 5000);
    expect(commanded(dialling, 'KeySealingRequested')).toEqual({ except: '' });
    const over = call(
      received,
      fetched(redacted(), dial(), gather()),
      said('TimerRang', silence, 5000),
      left(0),
    );
    expect(commanded(over, 'KeySealingRequested')).toEqual({ sealTo: { keys: [] }, except: '#' });
    const complete = running(redacted({ numDigits: 1 })).when('CallDigitPressed', keyData(SEALED[0]!));
    expect(complete.context.sealing).toBe('#');
    const another = complete.when('DocumentFetched', fetchedData(gather({ numDigits: 1 })));
    expect(commanded(another, 'KeySealingRequested')).toEqual({ except: '' });
    const plain = another.when('CallDigitPressed', keyData('7'));
    expect(request(plain).request).not.toHaveProperty('sealedDigits');
    expect(request(plain).params).toMatchObject({ Digits: '7' });
  });

  it('is said again by a router that takes the call over, and to a gateway that takes the leg', () => {
    const then = running(redacted());
    const again = then.when('OwnerRestarted', { node: 'us1/r1' });
    expect(commanded(again, 'KeySealingRequested')).toEqual({ sealTo: { keys: [] }, except: '#' });
    const moved = then.when('CallLegMoved', { legId: CALLER, region: 'ie1', gateway: 'gw2' });
    expect(commanded(moved, 'KeySealingRequested')).toEqual({ sealTo: { keys: [] }, except: '#' });
  });
});
