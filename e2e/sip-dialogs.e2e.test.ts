import { expect } from '@jest/globals';
import { freePort } from '@tandem/actors/testing/free-port.ts';
import { CALLEE, called, hangsUp, hungUp, picksUp } from './harness/peers.ts';
import {
  answerLater,
  callee,
  caller,
  expectAnswer,
  expectAnswered,
  expectRequest,
  expectToAnswerLater,
  mayCome,
  reply,
  type Step,
  scenario,
  sdp,
  waitFor,
} from './harness/sipp-scenario.ts';
import { hears, sine, toneFile } from './harness/sound.ts';
import { scenarios } from './harness/stage.ts';

// What happens within a dialog, with peers that do what the RFCs let them, and what they do not.

const test = scenarios();

const DIAL = { '/voice': '<Response><Dial><Number>+15550142</Number></Dial></Response>' };
const BRIDGE = {
  '/voice': '<Response><Dial answerOnBridge="true"><Number>+15550142</Number></Dial></Response>',
};
/** Speaks until the caller hangs up. */
const TONE = {
  '/tone.wav': { contentType: 'audio/wav', body: toneFile(620, 2) },
  '/voice': '<Response><Play loop="0">/tone.wav</Play></Response>',
};
const completed = { state: 'ended', reason: 'completed' };
const whenTold = (word: string, ...steps: readonly Step[]): Step[] => [waitFor(word), ...steps];

/** A re-INVITE of the caller's without an offer: what it is offered, and what it answers in its ACK. */
const letsOffer = (cseq: number, offered: string, answer: string): Step[] => [
  caller.request('INVITE', cseq),
  mayCome(100),
  expectAnswer(200, { body: offered }),
  caller.ack(cseq, answer),
];

/** A re-INVITE of the caller's with an offer. */
const offers = (cseq: number, offer: string, answered: string): Step[] => [
  caller.request('INVITE', cseq, { body: offer }),
  mayCome(100),
  expectAnswer(200, { body: answered }),
  caller.ack(cseq),
];

test('a caller that requires 100rel acknowledges ringing and early media', BRIDGE, async (stage) => {
  const prack = (cseq: number): Step[] => [
    caller.request('PRACK', cseq, { headers: ['RAck: [$found0] 1 INVITE'] }),
    expectAnswer(200),
  ];
  const carrier = await stage.carrier(
    scenario(
      caller.invite(sdp(), ['Require: 100rel', 'Supported: 100rel']),
      expectAnswer(100),
      expectAnswered({ RSeq: '[0-9]+', Require: '100rel' }, 180),
      ...prack(2),
      expectAnswered({ RSeq: '[0-9]+', Require: '100rel', body: 'm=audio' }, 183),
      ...prack(3),
      // The session is agreed on: the 200 has none.
      expectAnswered({ 'Content-Length': '^ *0' }),
      caller.ack(),
      ...whenTold('bye', ...hangsUp(4)),
    ),
  );
  await carrier.receivedTimes(/^CSeq: 2 PRACK/m, 1);
  const other = await stage.callee(
    scenario(
      callee.invited(),
      callee.answer('183 Session Progress', { body: sdp() }),
      ...whenTold('answer', callee.answer('200 OK', { body: sdp() }), expectRequest('ACK')),
      ...hungUp(),
    ),
  );
  other.audio.say(sine(850, 30));
  await hears(carrier, 850);
  await other.go('answer');
  carrier.audio.say(sine(1300, 30));
  await hears(other, 1300);
  await carrier.go('bye');
  await Promise.all([other.finished(), carrier.finished()]);
  expect(await stage.calls()).toMatchObject([completed]);
});

test(
  'a callee that sends 183 reliably has it acknowledged, and changes it by UPDATE',
  BRIDGE,
  async (stage) => {
    const other = await stage.callee(
      scenario(
        callee.invited(),
        callee.answer('183 Session Progress', {
          headers: ['Require: 100rel', 'RSeq: 7', 'Allow: INVITE, ACK, BYE, CANCEL, PRACK, UPDATE'],
          body: sdp({ direction: 'inactive' }),
        }),
        expectRequest('PRACK', { RAck: '7 [0-9]+ INVITE' }),
        reply(),
        ...whenTold(
          'announce',
          callee.request('UPDATE', 1, { body: sdp({ version: 2 }) }),
          expectAnswer(200, { body: 'a=sendrecv' }),
        ),
        ...whenTold('answer', callee.answer('200 OK'), expectRequest('ACK')),
        ...whenTold('bye', callee.request('BYE', 2), expectAnswer(200)),
      ),
    );
    const carrier = await stage.carrier(
      scenario(caller.invite(sdp()), mayCome(100, 180, 183), expectAnswered(), caller.ack(), ...hungUp()),
    );
    await other.received(/^PRACK/m);
    await other.go('announce');
    await stage.happened(({ type }) => type === 'SessionChanged');
    other.audio.say(sine(850, 30));
    await hears(carrier, 850);
    await other.go('answer');
    carrier.audio.say(sine(1300, 30));
    await hears(other, 1300);
    await other.go('bye');
    await Promise.all([other.finished(), carrier.finished()]);
    expect(await stage.calls()).toMatchObject([completed]);
  },
);

test('who sent early media is busy: the caller hears us ring for the next, who only rings', {}, async (stage) => {
  const port = await freePort();
  stage.serve({
    '/voice': `<Response><Dial answerOnBridge="true" sequential="true">
      <Number>+15550142</Number><Sip>sip:bob@127.0.0.1:${port}</Sip>
    </Dial></Response>`,
  });
  const first = await stage.callee(
    scenario(
      callee.invited(),
      callee.answer('183 Session Progress', { body: sdp() }),
      ...whenTold('busy', callee.answer('486 Busy Here'), expectRequest('ACK')),
    ),
  );
  const second = await stage.callee(
    scenario(
      callee.invited(),
      callee.answer('180 Ringing'),
      ...whenTold('answer', callee.answer('200 OK', { body: sdp() }), expectRequest('ACK')),
      ...hungUp(),
    ),
    { port },
  );
  const carrier = await stage.carrier(scenario(...called(), ...whenTold('bye', ...hangsUp())));
  first.audio.say(sine(850, 30));
  await hears(carrier, 850);
  await first.go('busy');
  // The American ringing tone.
  await Promise.all([hears(carrier, 440), hears(carrier, 480)]);
  await second.go('answer');
  second.audio.say(sine(1300, 30));
  await hears(carrier, 1300);
  await carrier.go('bye');
  await Promise.all([first.finished(), second.finished(), carrier.finished()]);
  const [call] = await stage.calls();
  expect(call!.legs.map(({ reason }) => reason)).toEqual(['completed', 'busy', 'completed']);
});

test(
  'a caller whose session timer is too short asks again, and refreshes by UPDATE and re-INVITE',
  TONE,
  async (stage) => {
    const asks = (seconds: number): string[] => [
      'Supported: timer',
      `Session-Expires: ${seconds};refresher=uac`,
    ];
    const agreed = { 'Session-Expires': '90;refresher=uac' };
    const carrier = await stage.carrier(
      scenario(
        caller.invite(sdp(), asks(30)),
        mayCome(100),
        expectAnswer(422, { 'Min-SE': '90' }),
        caller.ackRefusal(),
        caller.invite(sdp(), asks(90), { cseq: 2 }),
        mayCome(100, 180),
        expectAnswered(agreed),
        caller.ack(2),
        ...whenTold('update', caller.request('UPDATE', 3, { headers: asks(90) }), expectAnswer(200, agreed)),
        caller.request('INVITE', 4, { headers: asks(90), body: sdp() }),
        mayCome(100),
        expectAnswer(200, agreed),
        caller.ack(4),
        caller.request('UPDATE', 5, { headers: asks(30) }),
        expectAnswer(422, { 'Min-SE': '90' }),
        ...whenTold('bye', ...hangsUp(6)),
      ),
    );
    await hears(carrier, 620);
    await carrier.go('update');
    await carrier.received(/^CSeq: 5 UPDATE/m);
    carrier.audio.forget();
    await hears(carrier, 620);
    await carrier.go('bye');
    await carrier.finished();
    expect(await stage.calls()).toMatchObject([{ state: 'ended' }]);
  },
);

test('a callee that wants a longer session timer is asked again', DIAL, async (stage) => {
  const other = await stage.callee(
    scenario(
      callee.invited(),
      callee.answer('422 Session Interval Too Small', { headers: ['Min-SE: 3600'] }),
      expectRequest('ACK'),
      callee.invited(),
      callee.answer('200 OK', { headers: ['Session-Expires: 3600;refresher=uas'], body: sdp() }),
      expectRequest('ACK'),
      ...hungUp(),
    ),
  );
  const carrier = await stage.carrier(scenario(...called(), ...whenTold('bye', ...hangsUp())));
  await stage.bridged();
  expect(await other.hasReceived(/^Session-Expires: 3600/m)).toBe(true);
  await carrier.go('bye');
  await Promise.all([other.finished(), carrier.finished()]);
});

test('the caller holds the call with SDP and takes it up again without', DIAL, async (stage) => {
  const other = await stage.callee(CALLEE);
  const carrier = await stage.carrier(
    scenario(
      ...called(),
      ...whenTold('hold', ...offers(2, sdp({ direction: 'sendonly', version: 2 }), 'a=recvonly')),
      ...whenTold('resume', ...letsOffer(3, 'a=sendrecv', sdp({ version: 3 }))),
      ...whenTold('bye', ...hangsUp(4)),
    ),
  );
  other.audio.say(sine(850, 60));
  carrier.audio.say(sine(1300, 60));
  await Promise.all([hears(carrier, 850), hears(other, 1300)]);
  await carrier.go('hold');
  await stage.happened(({ type }) => type === 'SessionChanged');
  await carrier.go('resume');
  await stage.happened(
    ({ type, data }) =>
      type === 'AnswerConfirmed' && (data as { direction?: string }).direction === 'sendrecv',
  );
  for (const { audio } of [carrier, other]) audio.forget();
  await Promise.all([hears(carrier, 850), hears(other, 1300)]);
  await carrier.go('bye');
  await Promise.all([other.finished(), carrier.finished()]);
  expect(await stage.calls()).toMatchObject([completed]);
});

test(
  'the caller holds the call without SDP, says so again, and takes it up with another codec',
  DIAL,
  async (stage) => {
    const held = sdp({ direction: 'sendonly', version: 2 });
    const other = await stage.callee(CALLEE);
    const carrier = await stage.carrier(
      scenario(
        ...called(),
        ...whenTold('hold', ...letsOffer(2, 'a=sendrecv', held), ...offers(3, held, 'a=recvonly')),
        ...whenTold('resume', ...letsOffer(4, 'RTP/AVP 0 [0-9 ]*8 ', sdp({ codec: 'PCMA', version: 4 }))),
        ...whenTold('bye', ...hangsUp(5)),
      ),
    );
    other.audio.say(sine(850, 60));
    await hears(carrier, 850);
    await carrier.go('hold');
    await stage.happened(({ type }) => type === 'SessionChanged');
    await carrier.go('resume');
    await stage.happened(
      ({ type, data }) =>
        type === 'AnswerConfirmed' && (data as { sdp?: string }).sdp?.includes('PCMA') === true,
    );
    await carrier.talk('PCMA');
    carrier.audio.forget();
    await hears(carrier, 850);
    await carrier.go('bye');
    await Promise.all([other.finished(), carrier.finished()]);
    expect(await stage.calls()).toMatchObject([completed]);
  },
);

test('a caller that has us offer and answers nothing is hung up, with the reason', TONE, async (stage) => {
  const carrier = await stage.carrier(
    scenario(
      caller.invite(),
      mayCome(100, 180),
      expectAnswered(),
      caller.ack(),
      ...hungUp({ Reason: 'ACK has no answer' }),
    ),
  );
  await carrier.finished();
  const [call] = await stage.calls();
  expect(call!.legs).toMatchObject([{ reason: 'media-failed' }]);
});

test(
  'REFER is refused, OPTIONS are answered, a BYE is taken with any body, and meanwhile the call goes on',
  TONE,
  async (stage) => {
    const carrier = await stage.carrier(
      scenario(
        ...called(),
        caller.request('REFER', 2, { headers: ['Refer-To: <sip:bob@127.0.0.1>'] }),
        expectAnswer(603),
        caller.request('OPTIONS', 3),
        expectAnswer(200, { Allow: 'UPDATE' }),
        ...whenTold(
          'bye',
          caller.request('BYE', 4, { type: 'application/vnd.cirpack.isdn-ext', body: 'x' }),
          expectAnswer(200),
        ),
      ),
    );
    await carrier.received(/^CSeq: 3 OPTIONS/m);
    carrier.audio.forget();
    await hears(carrier, 620);
    await carrier.go('bye');
    await carrier.finished();
    expect(await stage.calls()).toMatchObject([completed]);
  },
);

test('our BYE crosses a re-INVITE of the callee’s', DIAL, async (stage) => {
  const other = await stage.callee(
    scenario(
      ...picksUp(),
      expectToAnswerLater('BYE'),
      callee.request('INVITE', 1, { body: sdp({ direction: 'sendonly', version: 2 }) }),
      expectAnswer(481),
      callee.ackRefusal(1),
      answerLater('200 OK'),
    ),
  );
  const carrier = await stage.carrier(scenario(...called(), ...whenTold('bye', ...hangsUp())));
  await stage.bridged();
  await carrier.go('bye');
  await Promise.all([other.finished(), carrier.finished()]);
  expect(await stage.calls()).toMatchObject([completed]);
});

test('the caller’s CANCEL crosses our 200: the call stands', TONE, async (stage) => {
  const carrier = await stage.carrier(
    scenario(
      caller.invite(sdp()),
      mayCome(100, 180),
      expectAnswered(),
      caller.cancel(),
      expectAnswer(200),
      caller.ack(),
      ...whenTold('bye', ...hangsUp()),
    ),
  );
  await hears(carrier, 620);
  await carrier.go('bye');
  await carrier.finished();
  expect(await stage.calls()).toMatchObject([completed]);
});

test('our CANCEL crosses the callee’s 200: it is acknowledged and hung up', BRIDGE, async (stage) => {
  const other = await stage.callee(
    scenario(
      callee.invited(),
      callee.answer('180 Ringing'),
      expectRequest('CANCEL'),
      reply(),
      callee.answer('200 OK', { body: sdp() }),
      expectRequest('ACK'),
      ...hungUp(),
    ),
  );
  const carrier = await stage.carrier(
    scenario(
      caller.invite(sdp()),
      mayCome(100),
      expectAnswer(180),
      ...whenTold('cancel', caller.cancel()),
      expectAnswer(200),
      expectAnswer(487),
      caller.ackRefusal(),
    ),
  );
  await stage.happened(({ type }) => type === 'ProgressReceived');
  await carrier.go('cancel');
  await Promise.all([other.finished(), carrier.finished()]);
  expect(await stage.calls()).toMatchObject([{ state: 'ended', reason: 'cancelled' }]);
});

test('our 200 is repeated until the ACK comes, which may come again', TONE, async (stage) => {
  const carrier = await stage.carrier(
    scenario(
      caller.invite(sdp()),
      mayCome(100, 180),
      expectAnswered(),
      ...whenTold('ack', caller.ack(), caller.ack()),
      ...whenTold('bye', ...hangsUp()),
    ),
  );
  await carrier.receivedTimes(/^SIP\/2.0 200/m, 3);
  await carrier.go('ack');
  await hears(carrier, 620);
  await stage.happened(({ type }) => type === 'AnswerConfirmed');
  await carrier.go('bye');
  await carrier.finished();
  expect(await stage.calls()).toMatchObject([completed]);
});

// After a restart we ask by a re-INVITE whether a peer is there that takes no UPDATE.
test(
  'a re-INVITE of the peer’s crosses ours: both are refused with 491, and ours comes again',
  TONE,
  async (stage) => {
    const carrier = await stage.carrier(
      scenario(
        ...called(),
        expectToAnswerLater('INVITE'),
        caller.request('INVITE', 2, { body: sdp({ direction: 'sendonly', version: 2 }) }),
        expectAnswer(491),
        caller.ackRefusal(2),
        answerLater('491 Request Pending'),
        expectRequest('ACK'),
        expectRequest('INVITE'),
        reply('200 OK', { body: sdp() }),
        expectRequest('ACK'),
        ...whenTold('bye', ...hangsUp(3)),
      ),
    );
    await hears(carrier, 620);
    await stage.network.region.kill();
    await stage.network.startRegion();
    await stage.happened(({ type }) => type === 'SessionRefreshed');
    carrier.audio.forget();
    await hears(carrier, 620);
    await carrier.go('bye');
    await carrier.finished();
    expect(await stage.calls()).toMatchObject([completed]);
  },
);
