import { describe, expect, it } from '@jest/globals';
import type { Instruction } from '@tandem/proto/generated/events.ts';
import { said } from '../../testing/given.ts';
import {
  ACTION,
  answered,
  CALLER,
  call,
  callee,
  commanded,
  commands,
  dial,
  dialled,
  fetched,
  fetchedData,
  keyData,
  left,
  leftData,
  number,
  pause,
  playedData,
  rang,
  rangData,
  received,
  receivedData,
  redirect,
  request,
  running,
  say,
} from './testing/call-events.ts';

const TWO = [number('+15550111'), number('+15550122')];
const ACTED = { action: ACTION };
const talking = (...instructions: Parameters<typeof fetched>) =>
  call(received, fetched(...instructions), answered(0));

describe('Dial', () => {
  it('takes the call, places a leg, and lets the caller hear it ring', () => {
    const then = running(dial({ callerId: '+15550100' }));
    expect(then.state).toBe('running.dialling.ringing');
    expect(commands(then)).toEqual([
      'caller: AnswerRequested',
      'caller: PlayRequested',
      'callee 1: LegRequested',
    ]);
    expect(commanded(then, 'LegRequested')).toEqual({
      legId: dialled(then)[0],
      callSid: 'CA1',
      region: 'ie1',
      gateway: 'gw1',
      from: '+15550100',
      to: '+15550111',
      routes: [],
      codecs: ['PCMU'],
      timeout: 30_000,
      facts: {},
    });
    expect(commanded(then, 'PlayRequested')).toMatchObject({
      items: [{ tone: { name: 'ringback-us' } }],
      loop: 0,
    });
  });

  it('calls from the caller’s own number, and rings as its country does', () => {
    const then = running(dial({ targets: [{ sip: { uri: 'sip:anna@example.com' } }], ringTone: 'de' }));
    expect(commanded(then, 'LegRequested')).toMatchObject({ from: '+15550199', to: 'sip:anna@example.com' });
    expect(commanded(then, 'PlayRequested')).toMatchObject({ items: [{ tone: { name: 'ringback-de' } }] });
  });

  it('has header fields of a SIP target sent to it alone', () => {
    const headers = { fields: [{ name: 'x-foo', value: 'bar' }] };
    const targets = [number('+15550111'), { sip: { uri: 'sip:anna@example.com', headers } }];
    const requests = running(dial({ targets })).effects.flatMap((effect) =>
      effect.type === 'command' && effect.message.type === 'LegRequested' ? [effect.message.data] : [],
    );
    expect(requests).toMatchObject([{ to: '+15550111' }, { to: 'sip:anna@example.com', facts: { headers } }]);
    expect(requests[0]).toMatchObject({ facts: { headers: undefined } });
  });

  it('connects the two when the callee answers', () => {
    const then = running(dial()).when('CallLegAnswered', callee(0));
    expect(then.state).toBe('running.dialling.talking');
    expect(commands(then)).toEqual([
      'caller: PlayStopRequested',
      'caller: BridgeRequested',
      'callee 1: BridgeRequested',
    ]);
    expect(then.context.timers).not.toHaveProperty('dial');
  });

  it('hears an answer once', () => {
    const again = talking(dial()).when('CallLegAnswered', callee(0));
    expect(again).toMatchObject({ state: 'running.dialling.talking', effects: [] });
  });

  it('sends the keys of the target that answers, also of two with one number', () => {
    const targets = [number('+15550111', '1'), number('+15550111', '2')];
    const then = running(dial({ targets })).when('CallLegAnswered', callee(1));
    expect(commanded(then, 'DigitsRequested')).toEqual({ digits: '2' });
  });

  it('that names nobody is over at once', () => {
    const then = running(dial({ targets: [], ...ACTED }));
    expect(request(then).params).toMatchObject({ DialCallStatus: 'failed' });
    expect(then.context.timers).not.toHaveProperty('dial');
  });
});

describe('Dial in a call that may make so many hops', () => {
  const hops = (maxForwards: number, ...instructions: Instruction[]) =>
    call(said('CallReceived', { ...receivedData, facts: { maxForwards } }), fetched(...instructions));

  it('passes it on with one less', () => {
    expect(commanded(hops(30, dial()), 'LegRequested')).toMatchObject({ facts: { maxForwards: 29 } });
    expect(commanded(hops(2, dial()), 'LegRequested')).toMatchObject({ facts: { maxForwards: 1 } });
  });

  it('refuses its caller when none is left', () => {
    const then = hops(1, dial(ACTED));
    expect(then).toMatchObject({
      state: 'ending',
      context: { end: { reason: 'failed', status: 483 }, lastFailure: { code: 'sip.too-many-hops' } },
    });
    expect(commands(then)).toEqual(['caller: HangupRequested']);
    expect(commanded(then, 'HangupRequested')).toMatchObject({ reason: 'failed', status: 483 });
  });

  it('has the dialled leg say so when the caller was answered before', () => {
    const then = hops(1, say('Hello'), dial(ACTED)).when('CallPlayFinished', playedData);
    expect(then.state).toBe('running.dialling.ringing');
    expect(commanded(then, 'LegRequested')).toMatchObject({ facts: { maxForwards: 0 } });
  });

  it('concerns nothing else', () => {
    expect(hops(1, say('Hello')).state).toBe('running.speaking');
  });
});

describe('Dial by an anonymous caller', () => {
  const anonymous = (...instructions: Instruction[]) =>
    call(
      said('CallReceived', { ...receivedData, from: 'anonymous', facts: { withheld: '+15550177' } }),
      fetched(...instructions),
    );

  it('hands on who they are with their call, for trunks that may know', () => {
    expect(commanded(anonymous(dial()), 'LegRequested')).toMatchObject({
      from: 'anonymous',
      facts: { withheld: '+15550177' },
    });
  });

  it('does not when it calls as somebody else', () => {
    const asked = commanded(anonymous(dial({ callerId: '+15550100' })), 'LegRequested');
    expect(asked).toMatchObject({ from: '+15550100', facts: { withheld: undefined } });
  });

  it('does not tell the application', () => {
    expect(JSON.stringify(request(anonymous(redirect)))).not.toContain('+15550177');
  });
});

describe('the end of a dialled call', () => {
  it('by the callee brings the caller back to the next instruction', () => {
    const then = talking(dial(), say('Goodbye')).when('CallLegLeft', leftData(0));
    expect(then.state).toBe('running.speaking');
    expect(commands(then)).toEqual(['caller: UnbridgeRequested', 'caller: PlayRequested']);
    expect(Object.keys(then.context.timers)).toEqual(['limit']);
  });

  it('is told to the action, with how long they talked', () => {
    const then = talking(dial(ACTED)).when('CallLegLeft', leftData(0), 61_400);
    expect(then.state).toBe('running.fetching');
    expect(request(then)).toMatchObject({
      request: { url: ACTION, method: 'POST' },
      params: {
        DialCallStatus: 'completed',
        DialCallDuration: '61',
        DialCallSid: `CA${dialled(then)[0]!.slice(2)}`,
      },
    });
  });

  it('by the caller ends the call for everybody', () => {
    const then = talking(dial(ACTED)).when('CallLegLeft', { legId: CALLER, reason: 'completed', by: 'peer' });
    expect(then).toMatchObject({ state: 'ending', context: { end: { reason: 'completed', by: 'peer' } } });
    expect(commands(then)).toEqual(['callee 1: HangupRequested']);
  });

  it.each([
    [
      'the caller presses *',
      dial({ hangupOnStar: true }),
      'CallDigitPressed',
      () => keyData('*'),
      1,
      'completed',
    ],
    [
      ...(['the callee is silent', dial(), 'CallLegMediaStopped'] as const),
      (before: Parameters<ReturnType<typeof callee>>[0]) => ({ ...callee(0)(before), silentFor: 30_000 }),
      ...([1, 'media-stopped'] as const),
    ],
    ['time is up', dial({ timeLimit: 60 }), 'TimerRang', () => ({ timer: 'timeLimit' }), 60_000, 'completed'],
    ['four hours are up', dial(), 'TimerRang', () => ({ timer: 'timeLimit' }), 4 * 3_600_000, 'completed'],
  ] as const)(
    'when %s lets the callee go and the caller go on',
    (_when, asked, type, data, after, reason) => {
      const then = talking(asked, pause(1)).when(type, data as never, after);
      expect(then.state).toBe('running.pausing');
      expect(commands(then)).toEqual(['callee 1: HangupRequested', 'caller: UnbridgeRequested']);
      expect(commanded(then, 'HangupRequested')).toMatchObject({ reason });
    },
  );

  it('comes of no other key, and of no key of the callee’s', () => {
    const both = talking(dial({ hangupOnStar: true }));
    expect(both.when('CallDigitPressed', keyData('#')).taken).toBe(false);
    expect(both.when('CallDigitPressed', (before) => keyData('*', dialled(before)[0])).taken).toBe(false);
    expect(talking(dial()).when('CallDigitPressed', keyData('*')).taken).toBe(false);
  });
});

describe('a dialled leg that does not answer', () => {
  it.each([
    ['busy', 'busy'],
    ['no-answer', 'no-answer'],
    ['declined', 'busy'],
    ['cancelled', 'canceled'],
    ['not-found', 'failed'],
    ['failed', 'failed'],
    ['no-route', 'failed'],
  ])('because of %s is told to the action as %s', (reason, status) => {
    const then = running(dial(ACTED)).when('CallLegLeft', leftData(0, reason));
    expect(commands(then)).toEqual(['caller: PlayStopRequested']);
    expect(request(then).params).toMatchObject({
      DialCallStatus: status,
      DialCallSid: `CA${dialled(then)[0]!.slice(2)}`,
    });
    expect(request(then).params).not.toHaveProperty('DialCallDuration');
  });

  it('in time is hung up, and the next instruction runs', () => {
    const ringing = running(dial({ timeout: 10 }), pause(1));
    expect(ringing.when('TimerRang', { timer: 'dial' }, 9999).taken).toBe(false);
    const then = ringing.when('TimerRang', { timer: 'dial' }, 10_000);
    expect(then.state).toBe('running.pausing');
    expect(commands(then)).toEqual(['callee 1: HangupRequested', 'caller: PlayStopRequested']);
    expect(commanded(then, 'HangupRequested')).toEqual({ reason: 'no-answer' });
  });

  it('but after all, when the call has moved on, is hung up again', () => {
    const moved = running(dial(), pause(1)).when('TimerRang', { timer: 'dial' }, 30_000);
    const late = moved.when('CallLegAnswered', callee(0));
    expect(late.state).toBe('running.pausing');
    expect(commands(late)).toEqual(['callee 1: HangupRequested']);
    expect(late.when('CallLegLeft', leftData(0)).state).toBe('running.pausing');
  });

  it('is told to the action as no answer when time is up', () => {
    const then = running(dial(ACTED)).when('TimerRang', { timer: 'dial' }, 30_000);
    expect(request(then).params).toMatchObject({ DialCallStatus: 'no-answer' });
  });
});

describe('Dial of several at a time', () => {
  it('lets the others go when one answers', () => {
    const then = running(dial({ targets: TWO })).when('CallLegAnswered', callee(1));
    expect(commands(then)).toEqual([
      'caller: PlayStopRequested',
      'callee 1: HangupRequested',
      'caller: BridgeRequested',
      'callee 2: BridgeRequested',
    ]);
    expect(commanded(then, 'HangupRequested')).toEqual({ reason: 'cancelled', detail: 'Answered elsewhere' });
  });

  it('hangs up a second one that answers before it hears of that', () => {
    const then = call(received, fetched(dial({ targets: TWO })), answered(1)).when(
      'CallLegAnswered',
      callee(0),
    );
    expect(then.state).toBe('running.dialling.talking');
    expect(commands(then)).toEqual(['callee 1: HangupRequested']);
  });

  it('goes on ringing while one is left, and says what the last one said', () => {
    const one = call(received, fetched(dial({ targets: TWO, ...ACTED }))).when(
      'CallLegLeft',
      leftData(0, 'failed'),
    );
    expect(one).toMatchObject({ state: 'running.dialling.ringing', effects: [] });
    const none = one.when('CallLegLeft', leftData(1, 'busy'));
    expect(request(none).params).toMatchObject({ DialCallStatus: 'busy' });
  });

  it('lets no early media be heard while several ring', () => {
    expect(running(dial({ targets: TWO })).when('CallLegRinging', rangData(0, true)).effects).toEqual([]);
  });
});

describe('Dial of several in turn', () => {
  const inTurn = dial({ targets: TWO, sequential: true, ...ACTED });

  it('begins with the first', () => {
    expect(dialled(running(inTurn))).toHaveLength(1);
  });

  it('calls the next when one refuses, and rings on', () => {
    const then = running(inTurn).when('CallLegLeft', leftData(0, 'busy'));
    expect(then.state).toBe('running.dialling.ringing');
    expect(commands(then)).toEqual(['callee 2: LegRequested']);
    expect(commanded(then, 'LegRequested')).toMatchObject({ to: '+15550122' });
  });

  it('calls the next when one does not answer, which has as much time', () => {
    const second = running(inTurn).when('TimerRang', { timer: 'dial' }, 30_000);
    expect(commands(second)).toEqual(['callee 1: HangupRequested', 'callee 2: LegRequested']);
    expect(second.when('TimerRang', { timer: 'dial' }, 29_999).taken).toBe(false);
    const over = second.when('TimerRang', { timer: 'dial' }, 30_000);
    expect(request(over).params).toMatchObject({ DialCallStatus: 'no-answer' });
  });

  it('is not moved by one that was given up', () => {
    const second = running(inTurn).when('TimerRang', { timer: 'dial' }, 30_000);
    expect(second.when('CallLegLeft', leftData(0))).toMatchObject({
      state: 'running.dialling.ringing',
      effects: [],
    });
  });

  it('rings for the caller again after early media ended with a refusal', () => {
    const early = call(received, fetched(inTurn), rang(0, true));
    const then = early.when('CallLegLeft', leftData(0, 'busy'));
    expect(commands(then)).toEqual([
      'caller: UnbridgeRequested',
      'caller: PlayRequested',
      'callee 2: LegRequested',
    ]);
  });
});

describe('early media of the only callee', () => {
  const early = running(dial(), pause(1)).when('CallLegRinging', rangData(0, true));

  it('is heard by the caller in place of our ringing', () => {
    expect(commands(early)).toEqual([
      'caller: PlayStopRequested',
      'caller: BridgeRequested',
      'callee 1: BridgeRequested',
    ]);
  });

  it('is there already, when the peer says so again', () => {
    expect(early.when('CallLegRinging', rangData(0, true)).effects).toEqual([]);
  });

  it('goes over into the talk', () => {
    const then = early.when('CallLegAnswered', callee(0));
    expect(then).toMatchObject({ state: 'running.dialling.talking', effects: [] });
  });

  it('ends with it, and the caller’s media comes back', () => {
    const refused = early.when('CallLegLeft', leftData(0, 'busy'));
    expect(refused.state).toBe('running.pausing');
    expect(commands(refused)).toEqual(['caller: UnbridgeRequested']);
    expect(commands(early.when('TimerRang', { timer: 'dial' }, 30_000))).toEqual([
      'callee 1: HangupRequested',
      'caller: UnbridgeRequested',
    ]);
  });
});

describe('the caller of a Dial', () => {
  const placed = (changes: Parameters<typeof dial>[0] = {}) =>
    call(said('CallReceived', { ...receivedData, ringsWhenAsked: true }), fetched(dial(changes), pause(1)));
  const rings = (then: ReturnType<typeof placed>) =>
    commands(then).filter((one) => /PlayRequested|RingRequested/.test(one));

  it.each([
    ['our tone', false, 'caller: PlayRequested'],
    ['their own exchange’s', true, 'caller: RingRequested'],
  ])('hears %s once somebody is called, and not before', (_, answerOnBridge, ring) => {
    const asked = placed({ answerOnBridge });
    expect(rings(asked)).toEqual([]);
    const invited = asked.when('CallLegInvited', callee(0));
    expect(rings(invited)).toEqual([ring]);
    // Another route of the same leg, or another leg, is nothing new to hear.
    expect(invited.when('CallLegInvited', callee(0)).taken).toBe(false);
  });

  it('hears nothing where nobody can be called', () => {
    const refused = placed().when('CallLegLeft', leftData(0, 'no-route'));
    expect(refused.state).toBe('running.pausing');
    expect(rings(refused)).toEqual([]);
  });

  it('hears nothing more of it when the callee is heard already', () => {
    const early = placed().when('CallLegRinging', rangData(0, true));
    expect(early.when('CallLegInvited', callee(0)).taken).toBe(false);
  });

  it('hears it anew for the next of several', () => {
    const next = placed({ sequential: true, targets: TWO, answerOnBridge: true })
      .when('CallLegInvited', callee(0))
      .when('CallLegLeft', leftData(0, 'busy'));
    expect(rings(next)).toEqual([]);
    const second = next.when('CallLegInvited', callee(1));
    expect(rings(second)).toEqual(['caller: RingRequested']);
  });

  it('hears it at once in a call that began with an earlier release', () => {
    expect(commands(call(said('CallReceived', receivedData), fetched(dial(), pause(1))))).toContain(
      'caller: PlayRequested',
    );
  });
});

describe('Dial with answerOnBridge', () => {
  const asked = dial({ answerOnBridge: true, ...ACTED });

  it('lets the caller’s own exchange ring, and takes the call with the callee’s answer', () => {
    const ringing = running(asked);
    expect(commands(ringing)).toEqual(['caller: RingRequested', 'callee 1: LegRequested']);
    const then = ringing.when('CallLegAnswered', callee(0));
    expect(commands(then)).toEqual([
      'caller: AnswerRequested',
      'caller: BridgeRequested',
      'callee 1: BridgeRequested',
    ]);
    expect(then.context.answeredAt).toBeDefined();
  });

  it.each([
    [181, false, false],
    [182, false, false],
    [183, false, false],
    [199, false, false],
    [180, false, true],
    [183, true, true],
  ])('says of a %i with media %p to the caller that it rings: %p', (status, earlyMedia, rings) => {
    const said = running(asked).when('CallLegRinging', (now) => ({ ...callee(0)(now), status, earlyMedia }));
    expect(commands(said).includes('caller: RingRequested')).toBe(rings);
  });

  it('passes ringing and early media on', () => {
    const ringing = running(asked).when('CallLegRinging', rangData(0));
    expect(commanded(ringing, 'RingRequested')).toEqual({ earlyMedia: false });
    const early = ringing.when('CallLegRinging', rangData(0, true));
    expect(commands(early)).toEqual([
      'caller: RingRequested',
      'caller: BridgeRequested',
      'callee 1: BridgeRequested',
    ]);
    expect(commanded(early, 'RingRequested')).toEqual({ earlyMedia: true });
  });

  describe('when who had sent early media is not to be had', () => {
    const inTurn = dial({ answerOnBridge: true, sequential: true, targets: TWO });
    const next = running(inTurn)
      .when('CallLegRinging', rangData(0, true))
      .when('CallLegLeft', leftData(0, 'busy'));

    it('rings itself for the next: the caller’s exchange does not any more', () => {
      expect(commands(next)).toEqual([
        'caller: UnbridgeRequested',
        'caller: PlayRequested',
        'callee 2: LegRequested',
      ]);
      expect(commanded(next, 'PlayRequested')).toMatchObject({
        items: [{ tone: { name: 'ringback-us' } }],
        loop: 0,
      });
      expect(commands(next.when('CallLegRinging', rangData(1)))).toEqual([]);
    });

    it('is silent as soon as the next has something to hear, or answers', () => {
      const bridged = ['caller: BridgeRequested', 'callee 2: BridgeRequested'];
      const early = next.when('CallLegRinging', rangData(1)).when('CallLegRinging', rangData(1, true));
      expect(commands(early)).toEqual(['caller: RingRequested', 'caller: PlayStopRequested', ...bridged]);
      expect(commanded(early, 'RingRequested')).toEqual({ earlyMedia: true });
      expect(commands(next.when('CallLegAnswered', callee(1)))).toEqual([
        'caller: PlayStopRequested',
        'caller: AnswerRequested',
        ...bridged,
      ]);
    });

    it('rings as before for a caller who has us offer, and was sent nothing', () => {
      const late = call(said('CallReceived', { ...receivedData, codecs: [] }), fetched(inTurn));
      const second = late.when('CallLegRinging', rangData(0, true)).when('CallLegLeft', leftData(0, 'busy'));
      expect(commands(second)).toContain('caller: RingRequested');
      expect(commands(second)).not.toContain('caller: PlayRequested');
    });
  });

  it('does not take a call that nobody answers', () => {
    const then = running(asked).when('CallLegLeft', leftData(0, 'busy'));
    expect(commands(then)).toEqual([]);
    expect(request(then).params).toMatchObject({ CallStatus: 'ringing', DialCallStatus: 'busy' });
    expect(then.when('DocumentFetched', fetchedData()).context.answeredAt).toBeUndefined();
  });

  it('rings as any other for a caller whose call was taken before', () => {
    const then = running(say('Hello'), asked).when('CallPlayFinished', ({ context }) => ({
      legId: CALLER,
      playId: context.playing!.id,
      outcome: 'completed',
    }));
    expect(commands(then)).toEqual(['caller: PlayRequested', 'callee 1: LegRequested']);
  });
});

it('a second Dial knows nothing of the first', () => {
  const then = call(received, fetched(dial(), dial(ACTED)), answered(0), left(0)).when(
    'CallLegLeft',
    leftData(1, 'busy'),
  );
  expect(request(then).params).toMatchObject({ DialCallStatus: 'busy' });
  expect(request(then).params).not.toHaveProperty('DialCallDuration');
});
