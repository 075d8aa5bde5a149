import { expect } from '@jest/globals';
import { CARRIER } from './harness/peers.ts';
import { hearsSpeech } from './harness/sound.ts';
import { worldScenarios } from './harness/world-stage.ts';

// S18: a region without a service uses the best other one; when it is rolled out there, new calls use it.

const scenario = worldScenarios({
  regions: {
    uk1: { place: 'london', prefixes: ['+44'], config: { services: {} } },
    de1: { place: 'frankfurt', prefixes: ['+49'], config: { services: { speech: {} } } },
    us2: { place: 'washington', prefixes: ['+1'], config: { services: { speech: {} } } },
  },
});

const SAY = {
  '/voice': '<Response><Say>Hello. This is said in the nearest region that can speak.</Say></Response>',
};

scenario('speech comes from the nearest other region, and then from home', SAY, async (stage) => {
  const { world } = stage;
  const first = await stage.carrier('uk1', CARRIER);
  await hearsSpeech(first);
  await first.finished();
  expect(await world.mediaLinks()).toEqual(['de1-uk1']);

  await world.restartRegion('uk1', { services: { speech: {} } });
  await world.distance.resetTraffic();
  const second = await stage.carrier('uk1', CARRIER);
  await hearsSpeech(second);
  await second.finished();
  expect(await world.mediaLinks()).toEqual([]);
});
