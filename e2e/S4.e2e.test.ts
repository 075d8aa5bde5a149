import { expect } from '@jest/globals';
import { talk } from './harness/conversation.ts';
import { CALLEE_HANGS_UP, CARRIER } from './harness/peers.ts';
import { hearsSpeech } from './harness/sound.ts';
import { worldScenarios } from './harness/world-stage.ts';

// S4: Say, then Dial. Speech comes from the caller's own region; media spans regions only once there is a callee.

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
    `a caller is spoken to, and then to a callee in ${where}`,
    {
      '/voice': `<Response><Say>Please hold the line while we connect your call.</Say><Dial>${number}</Dial></Response>`,
    },
    async (stage) => {
      const callee = await stage.callee(region, CALLEE_HANGS_UP);
      const caller = await stage.carrier('uk1', CARRIER);
      await hearsSpeech(caller);
      expect(await stage.world.mediaLinks()).toEqual([]);
      await talk(caller, callee);
      expect(await stage.world.mediaLinks()).toEqual(region === 'uk1' ? [] : ['de1-uk1']);
      await callee.go('bye');
      await Promise.all([callee.finished(), caller.finished()]);
      expect(await stage.calls()).toMatchObject([{ state: 'ended', reason: 'completed' }]);
    },
  );
