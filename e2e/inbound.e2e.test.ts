import { afterEach, expect } from '@jest/globals';
import { needProgram } from '@tandem/actors/testing/need-program.ts';
import { dominantFrequencies } from '@tandem/gateways/audio/recognise.ts';
import type { Application } from './harness/application-server.ts';
import { freePort } from './harness/free-port.ts';
import { callsOf, expectReplayed } from './harness/history.ts';
import { Network, NUMBER } from './harness/network.ts';
import { Sipp } from './harness/sipp.ts';
import { sine, toneFile } from './harness/sound.ts';

const test = needProgram('sipp', 'apt-get install sip-tester');

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

const start = async (application: Application): Promise<Network> => {
  const network = await Network.start({ application });
  opened.push(network);
  return network;
};

const carrier = async (network: Network, number = NUMBER): Promise<Sipp> => {
  const sipp = await Sipp.start({
    scenario: 'carrier',
    remote: network.sip,
    port: await freePort(),
    keys: { number },
  });
  opened.push(sipp);
  return sipp;
};

const callee = async (network: Network, scenario: string): Promise<Sipp> => {
  const sipp = await Sipp.start({ scenario, port: network.carrierPort });
  opened.push(sipp);
  return sipp;
};

const hears = (sipp: Sipp, frequency: number): Promise<void> =>
  sipp.audio.until(() =>
    dominantFrequencies(sipp.audio.heard.subarray(-4000)).some(
      (peak) => Math.abs(peak.frequency - frequency) < 10 && peak.level > -25,
    ),
  );

/** Sound that is not a tone: its strongest frequencies are many. */
const hearsSpeech = (sipp: Sipp): Promise<void> =>
  sipp.audio.until(() => {
    const peaks = dominantFrequencies(sipp.audio.heard.subarray(-2000), 5);
    return peaks.length >= 3 && peaks.every((peak) => Math.abs(peak.frequency - 620) > 20);
  });

test('a call is answered, keys steer it, another phone is dialled, everyone hears and hangs up', async () => {
  const network = await start(({ path, params }) => {
    if (path === '/tone.wav') return { contentType: 'audio/wav', body: toneFile(620, 1) };
    if (path === '/voice')
      return `<Response>
        <Play>/tone.wav</Play>
        <Gather numDigits="2" action="/digits"><Say>Press two keys</Say></Gather>
      </Response>`;
    if (path === '/digits')
      return params.Digits === '42'
        ? '<Response><Dial action="/after"><Number>+15550142</Number></Dial></Response>'
        : '<Response><Say>Wrong</Say></Response>';
    return '<Response><Play>/tone.wav</Play><Hangup/></Response>';
  });
  const called = await callee(network, 'callee-hangs-up');
  const caller = await carrier(network);

  await hears(caller, 620);
  await hearsSpeech(caller);
  caller.audio.press('42');
  await called.audio.until(() => called.audio.packets > 0);
  caller.audio.forget();
  caller.audio.say(sine(1300, 4));
  called.audio.say(sine(850, 4));
  await Promise.all([hears(caller, 850), hears(called, 1300)]);

  await called.finished();
  caller.audio.forget();
  await hears(caller, 620);
  await caller.finished();

  const asked = network.application.requests.filter(({ path }) => path !== '/tone.wav');
  expect(asked.map(({ path }) => path)).toEqual(['/voice', '/digits', '/after']);
  expect(asked.every(({ signed }) => signed)).toBe(true);
  expect(asked[0]!.params).toMatchObject({ To: NUMBER, From: '+15550199', CallStatus: 'ringing' });
  expect(asked[2]!.params).toMatchObject({ DialCallStatus: 'completed', CallStatus: 'in-progress' });

  const [call] = await callsOf(network);
  expect(call).toMatchObject({ state: 'ended', reason: 'completed', legs: 2 });
  await expectReplayed(network);
});

test('while the other phone rings, the caller hears it ring; nobody home is told to the application', async () => {
  const network = await start(({ path }) =>
    path === '/voice'
      ? '<Response><Dial action="/after" timeout="5"><Number>+15550142</Number></Dial></Response>'
      : '<Response><Hangup/></Response>',
  );
  const called = await callee(network, 'callee-rings');
  const caller = await carrier(network);
  await caller.audio.until(() => caller.audio.heard.length > 3.5 * 8000);
  expect(
    dominantFrequencies(caller.audio.heard)
      .map(({ frequency }) => Math.round(frequency))
      .sort(),
  ).toEqual([440, 480]);
  await Promise.all([caller.finished(), called.finished()]);
  expect(network.application.requests[1]!.params).toMatchObject({ DialCallStatus: 'no-answer' });
  await expectReplayed(network);
});
