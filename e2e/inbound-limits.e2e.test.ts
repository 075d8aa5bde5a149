import { expect } from '@jest/globals';
import {
  CALLEE,
  CARRIER,
  CARRIER_HANGS_UP,
  called,
  carrierRefused,
  hungUp,
  picksUp,
} from './harness/peers.ts';
import { scenario } from './harness/sipp-scenario.ts';
import { hears, sine, soundsOf, toneFile } from './harness/sound.ts';
import { scenarios } from './harness/stage.ts';

const test = scenarios({ silenceLimit: 8, capacity: 2 });

const DIAL = {
  '/tone.wav': { contentType: 'audio/wav', body: toneFile(620, 1) },
  '/voice': '<Response><Dial><Number>+15550142</Number></Dial><Play>/tone.wav</Play></Response>',
};

test(
  'a call beyond the capacity is refused with 503, and the next is taken when there is room',
  DIAL,
  async (stage) => {
    const other = await stage.callee(CALLEE);
    const carrier = await stage.carrier(CARRIER_HANGS_UP);
    await stage.bridged();
    const refused = await stage.carrier(carrierRefused(503));
    await refused.finished();
    await carrier.go('bye');
    await Promise.all([carrier.finished(), other.finished()]);
    expect(await stage.calls()).toMatchObject([{ reason: 'completed' }]);

    const next = await stage.carrier(CARRIER_HANGS_UP);
    const nextOther = await stage.callee(CALLEE);
    next.audio.say(sine(1300, 300));
    await hears(nextOther, 1300);
    await next.go('bye');
    await next.finished();
  },
);

test(
  'the media of the called party stops: it is hung up, and the caller’s document goes on',
  DIAL,
  async (stage) => {
    const other = await stage.callee(scenario(...picksUp(), ...hungUp({ Reason: 'cause=102' })));
    const carrier = await stage.carrier(CARRIER);
    carrier.audio.say(sine(1300, 300));
    await hears(other, 1300);
    other.audio.mute();
    await other.finished();
    await carrier.finished();
    expect(soundsOf(carrier.audio.heard)).toContain('620 Hz');
    const [call] = await stage.calls();
    expect(call).toMatchObject({
      reason: 'completed',
      legs: [{ reason: 'completed' }, { reason: 'media-stopped' }],
    });
  },
);

test('the media of the caller stops: both are hung up, and are told why', DIAL, async (stage) => {
  const reason = { Reason: 'cause=102' };
  const other = await stage.callee(scenario(...picksUp(), ...hungUp(reason)));
  const carrier = await stage.carrier(scenario(...called(), ...hungUp(reason)));
  carrier.audio.say(sine(1300, 300));
  await hears(other, 1300);
  carrier.audio.mute();
  await Promise.all([other.finished(), carrier.finished()]);
  const [call] = await stage.calls();
  expect(call).toMatchObject({
    reason: 'media-stopped',
    legs: [{ reason: 'media-stopped' }, { reason: 'media-stopped' }],
  });
});
