import { expect } from '@jest/globals';
import { freePort } from '@tandem/actors/testing/free-port.ts';
import {
  CALLEE,
  CALLEE_HANGS_UP,
  CALLEE_RINGS,
  CARRIER,
  CARRIER_HANGS_UP,
  called,
  hungUp,
  picksUp,
  refuses,
} from './harness/peers.ts';
import {
  callee,
  caller,
  expectAnswer,
  expectAnswered,
  expectRequest,
  mayCome,
  scenario,
  sdp,
  waitFor,
} from './harness/sipp-scenario.ts';
import { hears, sine, soundsOf, toneFile } from './harness/sound.ts';
import { type Stage, scenarios } from './harness/stage.ts';

const test = scenarios();

const ended = { state: 'ended' };
const HANG_UP = '<Response><Hangup/></Response>';
const dial = (attributes: string, targets = '<Number>+15550142</Number>') => ({
  '/voice': `<Response><Dial action="/after" ${attributes}>${targets}</Dial></Response>`,
  '/after': HANG_UP,
});
const outcome = (stage: Stage) => stage.asked().at(-1)!.params.DialCallStatus;

for (const [status, reason, said] of [
  ['486 Busy Here', 'busy', 'busy'],
  ['603 Decline', 'declined', 'busy'],
] as const)
  test(`${status} is the called party’s word: no other trunk is tried`, dial(''), async (stage) => {
    const first = await stage.callee(refuses(status));
    const second = await stage.callee(CALLEE, { port: stage.network.secondCarrierPort });
    const carrier = await stage.carrier(CARRIER);
    await Promise.all([first.finished(), carrier.finished()]);
    expect(outcome(stage)).toBe(said);
    const [call] = await stage.calls();
    expect(call!.legs[1]).toMatchObject({ to: '+15550142', reason, status: Number(status.slice(0, 3)) });
    expect(second.audio.packets).toBe(0);
  });

test('503 is the trunk’s word: the other trunk is tried, and answers', dial(''), async (stage) => {
  const first = await stage.callee(refuses('503 Service Unavailable'));
  const second = await stage.callee(CALLEE_HANGS_UP, { port: stage.network.secondCarrierPort });
  const carrier = await stage.carrier(CARRIER);
  second.audio.say(sine(850, 5));
  await hears(carrier, 850);
  await second.go('bye');
  await Promise.all([first.finished(), second.finished(), carrier.finished()]);
  expect(outcome(stage)).toBe('completed');
});

test(
  'early media of the called party is heard while it rings',
  dial('answerOnBridge="true"'),
  async (stage) => {
    const other = await stage.callee(
      scenario(
        callee.invited(),
        callee.answer('183 Session Progress', { body: sdp() }),
        waitFor('answer'),
        callee.answer('200 OK', { body: sdp() }),
        expectRequest('ACK'),
        waitFor('bye'),
        callee.request('BYE', 1),
        expectAnswer(200),
      ),
    );
    const carrier = await stage.carrier(
      scenario(
        caller.invite(sdp()),
        expectAnswer(100),
        expectAnswer(180),
        expectAnswer(183, { body: 'm=audio' }),
        expectAnswered(),
        caller.ack(),
        ...hungUp(),
      ),
    );
    other.audio.say(sine(850, 10));
    await hears(carrier, 850);
    await other.go('answer');
    await stage.happened(({ type }) => type === 'AnswerReceived');
    carrier.audio.say(sine(1300, 10));
    await hears(other, 1300);
    await other.go('bye');
    await Promise.all([other.finished(), carrier.finished()]);
    expect(await stage.calls()).toMatchObject([{ ...ended, reason: 'completed' }]);
  },
);

test(
  'with answerOnBridge the caller’s phone rings until the other is answered',
  dial('answerOnBridge="true"'),
  async (stage) => {
    const other = await stage.callee(
      scenario(
        callee.invited(),
        callee.answer('180 Ringing'),
        waitFor('answer'),
        callee.answer('200 OK', { body: sdp() }),
        expectRequest('ACK'),
        ...hungUp(),
      ),
    );
    const carrier = await stage.carrier(
      scenario(
        caller.invite(sdp()),
        expectAnswer(100),
        expectAnswer(180),
        mayCome(180),
        expectAnswered(),
        caller.ack(),
        waitFor('bye'),
        caller.request('BYE', 2),
        expectAnswer(200),
      ),
    );
    await Promise.all([carrier.received(/^SIP\/2.0 180/m), other.received(/^INVITE/m)]);
    expect(await carrier.hasReceived(/^SIP\/2.0 200/m)).toBe(false);
    await other.go('answer');
    other.audio.say(sine(850, 10));
    await hears(carrier, 850);
    await carrier.go('bye');
    await Promise.all([other.finished(), carrier.finished()]);
    const [call] = await stage.calls();
    expect(call).toMatchObject({
      reason: 'completed',
      legs: [{ reason: 'completed' }, { reason: 'completed' }],
    });
  },
);

test('targets in sequence: the next is called when one is busy', {}, async (stage) => {
  const port = await freePort();
  stage.serve(dial('sequential="true"', `<Number>+15550142</Number><Sip>sip:bob@127.0.0.1:${port}</Sip>`));
  const busy = await stage.callee(refuses('486 Busy Here'));
  const other = await stage.callee(CALLEE_HANGS_UP, { port });
  const carrier = await stage.carrier(CARRIER);
  other.audio.say(sine(850, 5));
  await hears(carrier, 850);
  await other.go('bye');
  await Promise.all([busy.finished(), other.finished(), carrier.finished()]);
  expect(outcome(stage)).toBe('completed');
  const [call] = await stage.calls();
  expect(call!.legs.map(({ reason }) => reason)).toEqual(['completed', 'busy', 'completed']);
});

test('targets at once: the first to answer has the call, the other is cancelled', {}, async (stage) => {
  const port = await freePort();
  stage.serve(dial('', `<Number>+15550142</Number><Sip>sip:bob@127.0.0.1:${port}</Sip>`));
  const rings = await stage.callee(CALLEE_RINGS);
  const other = await stage.callee(CALLEE_HANGS_UP, { port });
  const carrier = await stage.carrier(CARRIER);
  other.audio.say(sine(850, 5));
  await hears(carrier, 850);
  await rings.finished();
  await other.go('bye');
  await Promise.all([other.finished(), carrier.finished()]);
  expect(outcome(stage)).toBe('completed');
  const [call] = await stage.calls();
  expect(call!.legs.map(({ reason }) => reason)).toEqual(['completed', 'cancelled', 'completed']);
});

test('the star key ends the dialled call, and the document goes on', {
  '/tone.wav': { contentType: 'audio/wav', body: toneFile(620, 1) },
  '/voice': `<Response>
    <Dial hangupOnStar="true"><Number>+15550142</Number></Dial><Play>/tone.wav</Play>
  </Response>`,
}, async (stage) => {
  const other = await stage.callee(CALLEE);
  const carrier = await stage.carrier(CARRIER);
  other.audio.say(sine(850, 10));
  await hears(carrier, 850);
  carrier.audio.press('*');
  await other.finished();
  await carrier.finished();
  expect(soundsOf(carrier.audio.heard).at(-1)).toBe('620 Hz');
  expect(await stage.calls()).toMatchObject([{ ...ended, reason: 'completed' }]);
});

test('nobody answers in time', dial('timeout="5"'), async (stage) => {
  const rings = await stage.callee(CALLEE_RINGS);
  const carrier = await stage.carrier(CARRIER);
  await Promise.all([rings.finished(), carrier.finished()]);
  // Ringing has two frequencies.
  expect(soundsOf(carrier.audio.heard)).toContain('speech');
  expect(outcome(stage)).toBe('no-answer');
  const [call] = await stage.calls();
  expect(call!.legs[1]!.reason).toBe('no-answer');
});

test('keys pass a bridge, those of the caller and those of the called party', dial(''), async (stage) => {
  const other = await stage.callee(CALLEE_HANGS_UP);
  const carrier = await stage.carrier(CARRIER);
  await stage.bridged();
  other.audio.press('159');
  carrier.audio.press('0#');
  await Promise.all([
    carrier.audio.until(() => carrier.audio.keys === '159'),
    other.audio.until(() => other.audio.keys === '0#'),
  ]);
  await other.go('bye');
  await Promise.all([other.finished(), carrier.finished()]);
});

test('a called party with another codec is heard right, both ways', dial(''), async (stage) => {
  const other = await stage.callee(
    scenario(...picksUp({ codec: 'PCMA' }), waitFor('bye'), callee.request('BYE', 1), expectAnswer(200)),
    { codec: 'PCMA' },
  );
  const carrier = await stage.carrier(CARRIER);
  await stage.bridged();
  carrier.audio.say(sine(1300, 5));
  other.audio.say(sine(850, 5));
  await Promise.all([hears(carrier, 850), hears(other, 1300)]);
  await other.go('bye');
  await Promise.all([other.finished(), carrier.finished()]);
});

test('the caller gives up while the other phone rings', dial('answerOnBridge="true"'), async (stage) => {
  const rings = await stage.callee(CALLEE_RINGS);
  const carrier = await stage.carrier(
    scenario(
      caller.invite(sdp()),
      expectAnswer(100),
      expectAnswer(180),
      caller.cancel(),
      expectAnswer(200),
      expectAnswer(487),
      caller.ackRefusal(),
    ),
  );
  await Promise.all([rings.finished(), carrier.finished()]);
  const [call] = await stage.calls();
  expect(call).toMatchObject({
    reason: 'cancelled',
    legs: [{ reason: 'cancelled' }, { reason: 'cancelled' }],
  });
});

test('the caller hangs up in the middle of the conversation', dial(''), async (stage) => {
  const other = await stage.callee(scenario(...picksUp(), ...hungUp({ Reason: 'cause=16' })));
  const carrier = await stage.carrier(CARRIER_HANGS_UP);
  carrier.audio.say(sine(1300, 10));
  await hears(other, 1300);
  await carrier.go('bye');
  await Promise.all([other.finished(), carrier.finished()]);
  expect(await stage.calls()).toMatchObject([{ ...ended, reason: 'completed' }]);
  // Nobody is there to go on for.
  expect(stage.asked().map(({ path }) => path)).toEqual(['/voice']);
});

test('the called party asks for another session in mid-call', dial(''), async (stage) => {
  const other = await stage.callee(
    scenario(
      ...picksUp(),
      waitFor('hold'),
      callee.request('UPDATE', 1, { body: sdp({ direction: 'sendonly', version: 2 }) }),
      expectAnswer(200, { body: 'a=recvonly' }),
      waitFor('bye'),
      callee.request('BYE', 2),
      expectAnswer(200),
    ),
  );
  const carrier = await stage.carrier(scenario(...called(), ...hungUp()));
  await stage.bridged();
  await other.go('hold');
  await other.received(/^CSeq: 1 UPDATE/m);
  await other.go('bye');
  await Promise.all([other.finished(), carrier.finished()]);
});

test('a key that the caller sends by INFO reaches the other party', dial(''), async (stage) => {
  const other = await stage.callee(scenario(...picksUp({ events: false }), ...hungUp()));
  const carrier = await stage.carrier(
    scenario(
      ...called(),
      waitFor('key'),
      caller.request('INFO', 2, {
        type: 'application/dtmf-relay',
        body: 'Signal=5\nDuration=160',
      }),
      expectAnswer(200),
      waitFor('bye'),
      caller.request('BYE', 3),
      expectAnswer(200),
    ),
  );
  await stage.happened(({ type }) => type === 'BridgeRequested');
  await carrier.go('key');
  // As the tones of the key: this party knows no events.
  await Promise.all([hears(other, 770), hears(other, 1336)]);
  await carrier.go('bye');
  await Promise.all([other.finished(), carrier.finished()]);
});

test('an INVITE that expires: its caller gets 487, and whom it has ring is cancelled', {
  '/voice': '<Response><Dial answerOnBridge="true"><Number>+15550142</Number></Dial></Response>',
}, async (stage) => {
  const other = await stage.callee(CALLEE_RINGS);
  const carrier = await stage.carrier(
    scenario(caller.invite(sdp(), ['Expires: 2']), mayCome(100, 180), expectAnswer(487), caller.ackRefusal()),
  );
  await Promise.all([carrier.finished(), other.finished()]);
  expect(await stage.calls()).toMatchObject([
    { reason: 'cancelled', legs: [{ reason: 'cancelled', status: 487 }, { reason: 'cancelled' }] },
  ]);
});
