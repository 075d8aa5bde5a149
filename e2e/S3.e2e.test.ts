import { expect } from '@jest/globals';
import { talk } from './harness/conversation.ts';
import { CALLEE_HANGS_UP, CARRIER } from './harness/peers.ts';
import { hearsSpeech } from './harness/sound.ts';
import { worldScenarios } from './harness/world-stage.ts';

// S3: Dial, then Say. The callee hangs up, the caller's media is brought back, speech is heard, the call ends.

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
    `a callee in ${where} hangs up, and the caller is spoken to`,
    { '/voice': `<Response><Dial>${number}</Dial><Say>Thank you for calling. Goodbye.</Say></Response>` },
    async (stage) => {
      const callee = await stage.callee(region, CALLEE_HANGS_UP);
      const caller = await stage.carrier('uk1', CARRIER);
      await talk(caller, callee);
      const links = region === 'uk1' ? [] : ['de1-uk1'];
      expect(await stage.world.mediaLinks()).toEqual(links);
      await callee.go('bye');
      await callee.finished();
      caller.audio.forget();
      await hearsSpeech(caller);
      await caller.finished();
      expect(await stage.calls()).toMatchObject([{ state: 'ended', reason: 'completed' }]);
      // Media never came near the main region, and what was said was said at home.
      expect(await stage.world.mediaLinks()).toEqual(links);
    },
  );
