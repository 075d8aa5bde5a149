import { expect } from '@jest/globals';
import { hearEachOther, talk } from './harness/conversation.ts';
import { CALLEE_HANGS_UP, CARRIER } from './harness/peers.ts';
import { hearsSpeech } from './harness/sound.ts';
import { worldScenarios } from './harness/world-stage.ts';

// Media between regions without mediasoup's worker: our own code encrypts it, at both ends, or at one of them where the
// other has the worker. The speech of de1 is made in uk1, which it reaches over such a way as well.

const scenario = worldScenarios({
  regions: {
    uk1: { place: 'london', prefixes: ['+44'], media: { relays: 0 }, config: { services: { speech: {} } } },
    de1: {
      place: 'frankfurt',
      prefixes: ['+49'],
      media: { relays: 0 },
      config: { services: { transcoding: {} } },
    },
    es1: { place: 'madrid', prefixes: ['+34'], config: { services: { transcoding: {} } } },
  },
});

for (const [what, from, to, number, link] of [
  ['two regions, neither of which has the worker', 'uk1', 'de1', '+49301234567', 'de1-uk1'],
  ['a region without the worker and one with it', 'uk1', 'es1', '+34911234567', 'es1-uk1'],
  ['a region with the worker and one without it', 'es1', 'uk1', '+442079460000', 'es1-uk1'],
] as const)
  scenario(
    `people in ${what} hear each other, and go on to do so`,
    { '/voice': `<Response><Dial answerOnBridge="true">${number}</Dial></Response>` },
    async (stage) => {
      const callee = await stage.callee(to, CALLEE_HANGS_UP);
      const caller = await stage.carrier(from, CARRIER);
      await talk(caller, callee);
      // By now a worker that is there has the packets for itself, which then come as another stream.
      const length = caller.audio.heard.length;
      await caller.audio.until(() => caller.audio.heard.length > length + 3 * 8000);
      await hearEachOther(caller, callee);
      await callee.go('bye');
      await Promise.all([caller.finished(), callee.finished()]);
      expect(await stage.calls()).toMatchObject([{ state: 'ended', reason: 'completed' }]);
      expect(await stage.world.mediaLinks()).toEqual([link]);
    },
  );

scenario(
  'speech of another region is heard',
  { '/voice': '<Response><Say>This is said far away, and heard here all the same.</Say></Response>' },
  async (stage) => {
    const caller = await stage.carrier('de1', CARRIER);
    await hearsSpeech(caller);
    await caller.finished();
    expect(await stage.world.mediaLinks()).toEqual(['de1-uk1']);
    const said = (region: string) =>
      stage.world.regions.get(region)!.log.some(({ msg }) => /without mediasoup’s worker/.test(msg));
    expect([said('uk1'), said('de1')]).toEqual([true, true]);
  },
);
