import { expect } from '@jest/globals';
import { CALLEE, called, hungUp } from './harness/peers.ts';
import {
  caller,
  expectAnswer,
  expectAnswered,
  mayCome,
  scenario,
  sdp,
  waitFor,
} from './harness/sipp-scenario.ts';
import { hears, sine, toneFile } from './harness/sound.ts';
import { scenarios } from './harness/stage.ts';

const test = scenarios();

const DIAL = { '/voice': '<Response><Dial><Number>+15550142</Number></Dial></Response>' };
const completed = { state: 'ended', reason: 'completed' };

for (const method of ['INVITE', 'UPDATE'] as const)
  test(`the carrier holds the call and takes it up again with ${method}`, DIAL, async (stage) => {
    const change = (cseq: number, direction: 'sendonly' | 'sendrecv', answer: string) => [
      caller.request(method, cseq, { body: sdp({ direction, version: cseq }) }),
      ...(method === 'INVITE' ? [mayCome(100)] : []),
      expectAnswer(200, { body: answer }),
      ...(method === 'INVITE' ? [caller.ack(cseq)] : []),
    ];
    const other = await stage.callee(CALLEE);
    const carrier = await stage.carrier(
      scenario(
        ...called(),
        waitFor('hold'),
        ...change(2, 'sendonly', 'a=recvonly'),
        waitFor('resume'),
        ...change(3, 'sendrecv', 'a=sendrecv'),
        waitFor('bye'),
        caller.request('BYE', 4),
        expectAnswer(200),
      ),
    );
    other.audio.say(sine(850, 60));
    carrier.audio.say(sine(1300, 60));
    await Promise.all([hears(carrier, 850), hears(other, 1300)]);

    await carrier.go('hold');
    await stage.happened(({ type }) => type === 'SessionChanged');
    // What a carrier plays while it holds is still heard; nothing is sent to it.
    other.audio.forget();
    await hears(other, 1300);
    carrier.audio.forget();
    other.audio.forget();
    await hears(other, 1300);
    expect(carrier.audio.heard.length).toBe(0);

    await carrier.go('resume');
    await hears(carrier, 850);
    await carrier.go('bye');
    await Promise.all([other.finished(), carrier.finished()]);
    expect(await stage.calls()).toMatchObject([completed]);
  });

const TONE = {
  '/tone.wav': { contentType: 'audio/wav', body: toneFile(620, 2) },
  '/voice': '<Response><Gather numDigits="1" action="/digits"><Play>/tone.wav</Play></Gather></Response>',
  '/digits': '<Response><Hangup/></Response>',
};

test('an INVITE without a session gets our offer, and its ACK brings the answer', TONE, async (stage) => {
  const carrier = await stage.carrier(
    scenario(
      caller.invite(),
      mayCome(100, 180),
      expectAnswered({ body: 'm=audio' }),
      caller.ack(1, sdp()),
      ...hungUp(),
    ),
  );
  await hears(carrier, 620);
  carrier.audio.press('5');
  await carrier.finished();
  expect(stage.asked().at(-1)!.params.Digits).toBe('5');
});

test(
  'a caller behind NAT, whose session names a private address, hears and is heard',
  TONE,
  async (stage) => {
    const carrier = await stage.carrier(
      scenario(...called({ address: '10.255.255.1', port: '40000' }), ...hungUp()),
    );
    await hears(carrier, 620);
    carrier.audio.press('8');
    await carrier.finished();
    expect(stage.asked().at(-1)!.params.Digits).toBe('8');
  },
);

test('a caller that knows A-law only', TONE, async (stage) => {
  const carrier = await stage.carrier(scenario(...called({ codec: 'PCMA' }), ...hungUp()), { codec: 'PCMA' });
  await hears(carrier, 620);
  carrier.audio.press('1');
  await carrier.finished();
  expect(stage.asked().at(-1)!.params.Digits).toBe('1');
});

test('a call whose session has no codec of ours is refused with 488', TONE, async (stage) => {
  const carrier = await stage.carrier(
    scenario(
      caller.invite(sdp().replaceAll('RTP/AVP 0 101', 'RTP/AVP 18').replaceAll('0 PCMU', '18 G729')),
      mayCome(100),
      expectAnswer(488),
      caller.ackRefusal(),
    ),
  );
  await carrier.finished();
  const [call] = await stage.calls();
  expect(call!.legs).toMatchObject([{ reason: 'media-failed', status: 488 }]);
});
