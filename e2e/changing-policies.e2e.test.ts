import { describe, expect } from '@jest/globals';
import type { RecordedEvent } from '@tandem/actors/stores/event-store';
import type { Messages } from '@tandem/proto/generated/events.ts';
import { talk } from './harness/conversation.ts';
import { converse, withinGap } from './harness/gaps.ts';
import { ACCOUNT } from './harness/network.ts';
import { CARRIER, hungUp, picksUp } from './harness/peers.ts';
import { scenario as script } from './harness/sipp-scenario.ts';
import { type WorldStage, worldScenarios } from './harness/world-stage.ts';

// P4, P5: policies are changed while a call runs. What they close carries nothing of it from then on.

const transcodes = { services: { speech: {}, transcoding: {} } };
const doesNot = { services: { speech: {} } };
const scenario = worldScenarios({
  regions: {
    uk1: { place: 'london', prefixes: ['+44'], config: doesNot },
    de1: { place: 'frankfurt', prefixes: ['+49'], config: doesNot },
    es1: { place: 'madrid', prefixes: ['+34'], config: transcodes },
    ca1: { place: 'toronto', prefixes: ['+1'], config: transcodes },
  },
});
const DIAL = { '/voice': '<Response><Dial answerOnBridge="true">+49301234567</Dial></Response>' };
const CALLEE = script(...picksUp({ codec: 'PCMA' }), ...hungUp());
const closes = (...prohibit: string[]) => [{ name: 'closed', when: { accounts: [ACCOUNT] }, prohibit }];

/** Resolves when the main region's store holds so many ends of pipes of the test. */
async function pipesEnded(stage: WorldStage, count: number): Promise<void> {
  const ended = new Set<string>();
  await stage.happened(({ id, type }: RecordedEvent) => {
    if (type === 'PipeEnded') ended.add(id);
    return ended.size >= count;
  });
}

async function packetsOf(stage: WorldStage, region: string): Promise<number> {
  const traffic = await stage.world.distance.traffic();
  return traffic
    .filter(({ from, to }) => from === region || to === region)
    .reduce((sum, { media }) => sum + media.packets, 0);
}

describe('a region that a policy closes while a call’s media passes it', () => {
  scenario('is left for another, and then the call is told that there is none', DIAL, async (stage) => {
    const { world } = stage;
    const callee = await stage.callee('de1', CALLEE, { codec: 'PCMA' });
    const caller = await stage.carrier('uk1', CARRIER);
    await talk(caller, callee, 2);
    const heard = await converse(caller, callee, 40);
    expect(await packetsOf(stage, 'es1')).toBeGreaterThan(0);
    expect(await packetsOf(stage, 'ca1')).toBe(0);

    expect(await world.setPolicies([{ name: 'closed', prohibit: ['es2'] }])).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('no region here; write es1') },
    });
    expect((await world.setPolicies(closes('es1'))).status).toBe(200);
    // Two pipes on the way to the transcoder, each with two ends.
    await pipesEnded(stage, 4);
    await world.distance.resetTraffic();
    const length = callee.audio.heard.length;
    await callee.audio.until(() => callee.audio.heard.length > length + 3 * 8000);
    withinGap('prohibited', heard.longestGaps());
    expect(await packetsOf(stage, 'es1')).toBe(0);
    expect(await packetsOf(stage, 'ca1')).toBeGreaterThan(0);

    expect((await world.setPolicies(closes('es1', 'ca1'))).status).toBe(200);
    await pipesEnded(stage, 8);
    await Promise.all([caller.finished(), callee.finished()]);
    const [call] = await stage.calls();
    expect(call!.legs.map(({ reason }) => reason)).toContain('media-failed');
    expect(call!.lastFailure).toMatchObject({
      code: 'routing.prohibited',
      message: expect.stringContaining('policy closed prohibits'),
    });
    const events = await stage.events();
    const chosen = events.filter(({ type }) => type === 'MediaPathChosen');
    const ways = chosen.map(({ data }) =>
      (data as Messages['MediaPathChosen']).nodes.map(({ region }) => region).join(' '),
    );
    expect(ways).toEqual(['uk1 es1 de1', 'uk1 ca1 de1']);
  });
});
