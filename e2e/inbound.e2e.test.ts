import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { NUMBER } from './harness/network.ts';
import { CARRIER, called, hungUp, picksUp } from './harness/peers.ts';
import { callee, caller, expectAnswer, pause, playCapture, scenario } from './harness/sipp-scenario.ts';
import { hears, hearsSpeech, keyTones, sine, soundsOf, toneFile } from './harness/sound.ts';
import { scenarios } from './harness/stage.ts';

const test = scenarios();

const wav = { contentType: 'audio/wav', body: toneFile(620, 1) };
const mp3 = {
  contentType: 'audio/mpeg',
  body: readFileSync(join(import.meta.dirname, '../gateways/audio/fixtures/tone-1000-hz.mp3')),
};
const HANG_UP = '<Response><Hangup/></Response>';
const completed = { state: 'ended', reason: 'completed' };

test('a call is answered, keys steer it, another phone is dialled, everyone hears and hangs up', {
  '/tone.wav': wav,
  '/voice': `<Response>
      <Play>/tone.wav</Play>
      <Gather numDigits="2" action="/digits"><Say>Press two keys</Say></Gather>
    </Response>`,
  '/digits': ({ params }) =>
    params.Digits === '42'
      ? '<Response><Dial action="/after"><Number>+15550142</Number></Dial></Response>'
      : '<Response><Say>Wrong</Say></Response>',
  '/after': '<Response><Play>/tone.wav</Play><Hangup/></Response>',
}, async (stage) => {
  const other = await stage.callee(
    scenario(...picksUp(), pause(3000), callee.request('BYE', 1), expectAnswer(200)),
  );
  const carrier = await stage.carrier(CARRIER);

  await hears(carrier, 620);
  await hearsSpeech(carrier);
  carrier.audio.press('42');
  await other.audio.until(() => other.audio.packets > 0);
  carrier.audio.forget();
  carrier.audio.say(sine(1300, 4));
  other.audio.say(sine(850, 4));
  await Promise.all([hears(carrier, 850), hears(other, 1300)]);

  await other.finished();
  carrier.audio.forget();
  await hears(carrier, 620);
  await carrier.finished();

  const [voice, digits, after] = stage.asked();
  expect(voice!.params).toMatchObject({ To: NUMBER, From: '+15550199', CallStatus: 'ringing' });
  expect(digits!.params).toMatchObject({ Digits: '42' });
  expect(after!.params).toMatchObject({ DialCallStatus: 'completed', CallStatus: 'in-progress' });
  expect(await stage.calls()).toMatchObject([{ ...completed, legs: [completedLeg, completedLeg] }]);
});

const completedLeg = { reason: 'completed' };

test('the caller hears what the document says, plays and leaves out, in its order', {
  '/tone.wav': wav,
  '/tone.mp3': mp3,
  '/voice': `<Response>
      <Say>One two three four five</Say><Play>/tone.wav</Play><Pause length="1"/><Play loop="2">/tone.mp3</Play>
    </Response>`,
}, async (stage) => {
  const carrier = await stage.carrier(CARRIER);
  await carrier.finished();
  const sounds = soundsOf(carrier.audio.heard);
  // Silence is sent while something is made, too.
  expect(sounds.filter((sound) => sound !== 'silence')).toEqual(['speech', '620 Hz', '1000 Hz']);
  expect(sounds.slice(sounds.indexOf('620 Hz'))).toEqual(['620 Hz', 'silence', '1000 Hz']);
  const [call] = await stage.calls();
  expect(call).toMatchObject(completed);
  expect(call!.took).toContain('TimerRang');
});

test('a finish key ends the digits and is not one of them', {
  '/voice': '<Response><Gather finishOnKey="#" action="/digits"/></Response>',
  '/digits': HANG_UP,
}, async (stage) => {
  const carrier = await stage.carrier(CARRIER);
  carrier.audio.press('0189*#');
  await carrier.finished();
  expect(stage.asked().at(-1)!.params).toMatchObject({ Digits: '0189*', FinishedOnKey: '#' });
  expect(await stage.calls()).toMatchObject([completed]);
});

test('when no key is pressed the document goes on', {
  '/tone.wav': wav,
  '/voice': '<Response><Gather timeout="1" action="/digits"/><Play>/tone.wav</Play></Response>',
  '/digits': HANG_UP,
}, async (stage) => {
  const carrier = await stage.carrier(CARRIER);
  await carrier.finished();
  expect(soundsOf(carrier.audio.heard)).toEqual(['silence', '620 Hz']);
  expect(stage.asked().map(({ path }) => path)).toEqual(['/voice']);
});

const GATHER = {
  '/voice': '<Response><Gather numDigits="3" action="/digits"/></Response>',
  '/digits': HANG_UP,
};

test('keys are heard as tones of a peer that has no telephone-events', GATHER, async (stage) => {
  const carrier = await stage.carrier(scenario(...called({ events: false }), ...hungUp()));
  carrier.audio.say(keyTones('59#'));
  await carrier.finished();
  expect(stage.asked().at(-1)!.params.Digits).toBe('59');
  expect(stage.asked().at(-1)!.params.FinishedOnKey).toBe('#');
});

test('keys come in INFO requests', GATHER, async (stage) => {
  const info = (cseq: number, digit: string) => [
    caller.request('INFO', cseq, {
      type: 'application/dtmf-relay',
      body: `Signal=${digit}\nDuration=160`,
    }),
    expectAnswer(200),
  ];
  const carrier = await stage.carrier(
    scenario(...called(), ...info(2, '7'), ...info(3, '*'), ...info(4, '1'), ...hungUp()),
  );
  await carrier.finished();
  expect(stage.asked().at(-1)!.params.Digits).toBe('7*1');
});

test('keys that another program has sent are understood', GATHER, async (stage) => {
  const press = (key: string) => playCapture(`/usr/share/sip-tester/dtmf_2833_${key}.pcap`);
  const carrier = await stage.carrier(
    scenario(
      ...called({ port: '[media_port]' }),
      press('3'),
      pause(500),
      press('8'),
      pause(500),
      press('star'),
      ...hungUp(),
    ),
  );
  await carrier.finished();
  expect(stage.asked().at(-1)!.params.Digits).toBe('38*');
});

test('a call over TCP', GATHER, async (stage) => {
  const carrier = await stage.carrier(CARRIER, { transport: 'tcp' });
  carrier.audio.press('123');
  await carrier.finished();
  expect(stage.asked().at(-1)!.params.Digits).toBe('123');
  expect(await stage.calls()).toMatchObject([completed]);
});
