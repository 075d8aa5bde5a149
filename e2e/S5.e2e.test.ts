import { expect } from '@jest/globals';
import { talk } from './harness/conversation.ts';
import { CARRIER, picksUp } from './harness/peers.ts';
import { expectRequest, reply, scenario as script } from './harness/sipp-scenario.ts';
import { hears, toneFile } from './harness/sound.ts';
import { worldScenarios } from './harness/world-stage.ts';

// S5: the star key ends the dialled party, and the next instruction runs for the caller.

const scenario = worldScenarios({
  regions: {
    uk1: { place: 'london', prefixes: ['+44'] },
    de1: { place: 'frankfurt', prefixes: ['+49'] },
  },
});

for (const [where, number, region] of [
  ['the same region', '+442079460000', 'uk1'],
  ['another region', '+49301234567', 'de1'],
] as const)
  scenario(
    `* ends a callee in ${where}`,
    {
      '/tone.wav': { contentType: 'audio/wav', body: toneFile(620, 2) },
      '/voice': `<Response><Dial hangupOnStar="true">${number}</Dial><Play>/tone.wav</Play></Response>`,
    },
    async (stage) => {
      const callee = await stage.callee(
        region,
        script(...picksUp(), expectRequest('BYE', { Reason: 'cause=16;text=.The caller pressed' }), reply()),
      );
      const caller = await stage.carrier('uk1', CARRIER);
      await talk(caller, callee);
      caller.audio.press('*');
      await callee.finished();
      expect(await stage.world.mediaLinks()).toEqual(region === 'uk1' ? [] : ['de1-uk1']);
      await hears(caller, 620);
      await caller.finished();
      const [call] = await stage.calls();
      expect(call).toMatchObject({ state: 'ended', reason: 'completed' });
      const events = await stage.events();
      const hangUp = events.find(({ type }) => type === 'HangupRequested');
      expect(hangUp!.data).toMatchObject({ reason: 'completed', detail: 'The caller pressed *' });
    },
  );
