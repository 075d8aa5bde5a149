import { describe, expect } from '@jest/globals';
import { lostAudio } from '@tandem/gateways/phone/lost-audio.ts';
import { markedSignal } from '@tandem/gateways/phone/marked-signal.ts';
import type { Messages } from '@tandem/proto/generated/events.ts';
import { hearEachOther, talk } from './harness/conversation.ts';
import { CALLEE_HANGS_UP, CARRIER } from './harness/peers.ts';
import type { Sipp } from './harness/sipp.ts';
import { type WorldStage, worldScenarios } from './harness/world-stage.ts';

// P4, C3: media moves while the call goes on, and both ends keep hearing each other.

const THREE_REGIONS = {
  regions: {
    uk1: { place: 'london', prefixes: ['+44'] },
    de1: { place: 'frankfurt', prefixes: ['+49'] },
    es1: { place: 'madrid', prefixes: ['+34'] },
  },
};

const MOVING = {
  ...THREE_REGIONS,
  main: () => ({ policies: [{ name: 'move', liveCalls: 'move' }] }),
};

const DIAL = { '/voice': '<Response><Dial answerOnBridge="true">+49301234567</Dial></Response>' };
const SECONDS = 32;
/** Milliseconds of audio that one end may miss when media moves from a way that works to another. */
const LONGEST_GAP = 200;
const ROUND_TRIP = 13;

/** Resolves when media goes by this region, and the way before is given back. */
async function goesBy(stage: WorldStage, region: string): Promise<void> {
  const { id } = await stage.happened(
    ({ type, data }) =>
      type === 'MediaPathChosen' &&
      (data as Messages['MediaPathChosen']).nodes.some((node) => node.region === region),
  );
  let after = false;
  await stage.happened((event) => {
    if (event.id === id) after = true;
    return after && event.type === 'PipeEnded';
  });
}

/** Two people talk, each word of theirs told from all others; what each said is compared with what is heard. */
function converse(caller: Sipp, callee: Sipp) {
  const [said, answered] = [markedSignal(SECONDS, 1), markedSignal(SECONDS, 2)];
  caller.audio.forget();
  callee.audio.forget();
  caller.audio.say(said);
  callee.audio.say(answered);
  return {
    longestGaps: (): number[] =>
      [lostAudio(said, callee.audio.heard), lostAudio(answered, caller.audio.heard)].map(({ gaps }) =>
        Math.max(0, ...gaps.map(({ lost, filled }) => Math.max(lost, filled))),
      ),
  };
}

async function connected(stage: WorldStage): Promise<{ caller: Sipp; callee: Sipp }> {
  const callee = await stage.callee('de1', CALLEE_HANGS_UP);
  const caller = await stage.carrier('uk1', CARRIER);
  await talk(caller, callee, 2);
  return { caller, callee };
}

describe('a way that has become poor', () => {
  worldScenarios(MOVING)(
    'is left for one that is good, where a policy moves live calls',
    DIAL,
    async (stage) => {
      const { distance } = stage.world;
      const { caller, callee } = await connected(stage);
      try {
        const heard = converse(caller, callee);
        await distance.setRoute('uk1', 'de1', { rtt: ROUND_TRIP, loss: 0.05 });
        await goesBy(stage, 'es1');
        await distance.resetTraffic();
        const length = callee.audio.heard.length;
        await callee.audio.until(() => callee.audio.heard.length > length + 3 * 8000);
        expect(await stage.world.packets('uk1', 'de1')).toBe(0);
        expect(await stage.world.packets('uk1', 'es1')).toBeGreaterThan(0);
        const gaps = heard.longestGaps();
        console.info(`Longest gaps, caller to callee and back: ${gaps.map(Math.round).join(' and ')} ms`);
        for (const gap of gaps) expect(gap).toBeLessThan(LONGEST_GAP);
      } finally {
        await distance.setRoute('uk1', 'de1', { rtt: ROUND_TRIP });
      }
      await callee.go('bye');
      await Promise.all([caller.finished(), callee.finished()]);
    },
  );
});

describe('a way that is cut', () => {
  worldScenarios(THREE_REGIONS)('is gone round', DIAL, async (stage) => {
    const { distance } = stage.world;
    const { caller, callee } = await connected(stage);
    try {
      await distance.cut('uk1', 'de1');
      caller.audio.say(markedSignal(1));
      await goesBy(stage, 'es1');
      await talk(caller, callee, SECONDS);
      await hearEachOther(caller, callee);
    } finally {
      await distance.mend('uk1', 'de1');
    }
    await callee.go('bye');
    await Promise.all([caller.finished(), callee.finished()]);
  });
});
