import { expect } from '@jest/globals';
import { talk } from './harness/conversation.ts';
import { called, picksUp } from './harness/peers.ts';
import { expectRequest, reply, scenario as script } from './harness/sipp-scenario.ts';
import { hears, toneFile } from './harness/sound.ts';
import { worldScenarios } from './harness/world-stage.ts';

// S6: the caller's media stops, and both legs end with the reason. The callee's media stops, and that leg ends and
// the caller goes on with the next instruction.

/**
 * As the limit of a gateway's legs, or of those over one trunk. Seconds: whoever is not muted is heard well within them,
 * also when this process has to wait for the machine.
 */
const limit = { silenceLimit: 8 };
const scenario = worldScenarios({
  regions: {
    uk1: { place: 'london', prefixes: ['+44'], media: limit },
    de1: { place: 'frankfurt', prefixes: ['+49'], trunk: limit },
  },
});

const STOPPED = { Reason: 'Q.850;cause=102' };

for (const [where, number, region] of [
  ['the same region', '+442079460000', 'uk1'],
  ['another region', '+49301234567', 'de1'],
] as const) {
  const pages = {
    '/tone.wav': { contentType: 'audio/wav', body: toneFile(620, 2) },
    '/voice': `<Response><Dial>${number}</Dial><Play>/tone.wav</Play></Response>`,
  };

  scenario(`the caller’s media stops, with a callee in ${where}`, pages, async (stage) => {
    const callee = await stage.callee(region, script(...picksUp(), expectRequest('BYE', STOPPED), reply()));
    const caller = await stage.carrier('uk1', script(...called(), expectRequest('BYE', STOPPED), reply()));
    await talk(caller, callee);
    expect(await stage.world.mediaLinks()).toEqual(region === 'uk1' ? [] : ['de1-uk1']);
    caller.audio.mute();
    await Promise.all([caller.finished(), callee.finished()]);
    expect(await stage.calls()).toMatchObject([
      {
        state: 'ended',
        reason: 'media-stopped',
        legs: [{ reason: 'media-stopped' }, { reason: 'media-stopped' }],
      },
    ]);
  });

  scenario(`the media of a callee in ${where} stops`, pages, async (stage) => {
    const callee = await stage.callee(region, script(...picksUp(), expectRequest('BYE', STOPPED), reply()));
    const caller = await stage.carrier('uk1', script(...called(), expectRequest('BYE', {}), reply()));
    await talk(caller, callee);
    expect(await stage.world.mediaLinks()).toEqual(region === 'uk1' ? [] : ['de1-uk1']);
    callee.audio.mute();
    await callee.finished();
    await hears(caller, 620);
    await caller.finished();
    const [call] = await stage.calls();
    expect(call).toMatchObject({ state: 'ended', reason: 'completed' });
    expect(call!.legs[1]).toMatchObject({ reason: 'media-stopped' });
  });
}
