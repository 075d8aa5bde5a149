import { createConnection } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect } from '@jest/globals';
import { CARRIER } from './harness/peers.ts';
import { caller, pause, scenario, sdp } from './harness/sipp-scenario.ts';
import { soundsOf, toneFile } from './harness/sound.ts';
import { scenarios } from './harness/stage.ts';

// S16: a stranger's INVITE gets no answer and is counted; a listed provider's is answered.

const test = scenarios();

const TONE = {
  '/tone.wav': { contentType: 'audio/wav', body: toneFile(620, 1) },
  '/voice': '<Response><Play>/tone.wav</Play></Response>',
};

/** No provider has it. */
const STRANGER = '127.0.0.3';

test('a stranger gets no answer and is counted, a listed provider is answered', TONE, async (stage) => {
  const { network } = stage;
  // It says its INVITE again, as nothing comes; anything that came would be a surprise to it.
  const stranger = await stage.carrier(scenario(caller.invite(sdp()), pause(3000)), { address: STRANGER });
  const carrier = await stage.carrier(CARRIER);
  await carrier.finished();
  expect(soundsOf(carrier.audio.heard)).toContain('620 Hz');
  await stranger.finished();
  expect(await stranger.hasReceived(/./)).toBe(false);

  const connection = createConnection({
    host: '127.0.0.1',
    port: network.sipPort,
    localAddress: STRANGER,
  });
  connection.write(`OPTIONS sip:${network.sip} SIP/2.0\r\n\r\n`);
  expect(String(await buffer(connection).catch(() => ''))).toBe('');

  // One call came of all that: the provider's.
  expect(await stage.calls()).toMatchObject([{ state: 'ended', reason: 'completed' }]);
  const { log } = network.region;
  expect(await network.region.stop()).toBe(0);
  const counted = log.filter(({ msg }) => msg.startsWith('SIP that was turned away'));
  const dropped = counted.reduce((sum, { droppedStrangers }) => sum + Number(droppedStrangers ?? 0), 0);
  // The INVITE twice at least, and the connection.
  expect(dropped).toBeGreaterThanOrEqual(3);
  await network.startRegion();
});
