import { expect } from '@jest/globals';
import { CARRIER } from './harness/peers.ts';
import { hearsSpeech } from './harness/sound.ts';
import { worldScenarios } from './harness/world-stage.ts';

// M0: a region speaks as a static proxy of another one. Text goes there and samples come back, over the way between
// the borders; the call's media stays at home.

const scenario = worldScenarios({
  regions: {
    uk1: { place: 'london', prefixes: ['+44'], config: { services: { speech: { proxyOf: 'de1' } } } },
    de1: { place: 'frankfurt', prefixes: ['+49'], config: { services: { speech: {} } } },
    us2: { place: 'washington', prefixes: ['+1'], config: { services: { speech: {} } } },
  },
});

/** What pings and what a connection begins with come to, far less than a second of samples. */
const FEW = 8000;

const SAY = {
  '/voice':
    '<Response><Say>Hello. Somebody in another region has said this, once and for all.</Say></Response>',
};

scenario('speech is fetched from another region, played at home, and fetched once', SAY, async (stage) => {
  const { world } = stage;
  const fetched = async (): Promise<number> => {
    const traffic = await world.distance.traffic();
    return traffic.find(({ from, to }) => from === 'de1' && to === 'uk1')!.signalling.bytes;
  };
  const noMedia = async (): Promise<void> => {
    for (const other of ['de1', 'us1', 'us2']) {
      expect(await world.packets(other, 'uk1')).toBe(0);
      expect(await world.packets('uk1', other)).toBe(0);
    }
  };
  const first = await stage.carrier('uk1', CARRIER);
  await hearsSpeech(first);
  await first.finished();
  expect(await fetched()).toBeGreaterThan(8 * FEW);
  await noMedia();

  await world.distance.resetTraffic();
  const second = await stage.carrier('uk1', CARRIER);
  await hearsSpeech(second);
  await second.finished();
  expect(await fetched()).toBeLessThan(FEW);
  await noMedia();
});

const ANOTHER = {
  '/voice':
    '<Response><Say>Hello. This time somebody else has to say it, and media goes there.</Say></Response>',
};

scenario('speech comes as media from a third region while the real one is away', ANOTHER, async (stage) => {
  const { world } = stage;
  await world.distance.cut('uk1', 'de1');
  await stage.world.happened(
    ({ type, data }) => type === 'PeerLost' && (data as { peer: string }).peer === 'de1',
  );
  const call = await stage.carrier('uk1', CARRIER);
  await hearsSpeech(call);
  await call.finished();
  expect(await world.packets('us2', 'uk1')).toBeGreaterThan(0);
  await world.distance.mend('uk1', 'de1');
});
