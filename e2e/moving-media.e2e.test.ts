import { describe, expect } from '@jest/globals';
import { countWaits } from '@tandem/actors/testing/machine-waits.ts';
import { markedSignal } from '@tandem/phones';
import type { Messages } from '@tandem/proto/generated/events.ts';
import { talk } from './harness/conversation.ts';
import { converse, longestSilence, withinGap } from './harness/gaps.ts';
import { CALLEE_HANGS_UP, CARRIER } from './harness/peers.ts';
import type { Sipp } from './harness/sipp.ts';
import { hears, hearsSpeech, toneFile } from './harness/sound.ts';
import { type WorldStage, worldScenarios } from './harness/world-stage.ts';

// P4, C3, C4: media moves while the call goes on, and whoever stays keeps hearing: each move may lose so much of it.

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
        const heard = await converse(caller, callee, SECONDS);
        await distance.setRoute('uk1', 'de1', { rtt: ROUND_TRIP, loss: 0.05 });
        await goesBy(stage, 'es1');
        await distance.resetTraffic();
        const length = callee.audio.heard.length;
        await callee.audio.until(() => callee.audio.heard.length > length + 3 * 8000);
        expect(await stage.world.packets('uk1', 'de1')).toBe(0);
        expect(await stage.world.packets('uk1', 'es1')).toBeGreaterThan(0);
        withinGap('moved', heard.longestGaps());
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
    const opened = await stage.happened(({ type }) => type === 'CallPipeOpened');
    // What is kept opens nothing that was said.
    expect((opened.data as Messages['CallPipeOpened']).end.srtpKey).toMatch(/^sealed:/);
    try {
      const heard = await converse(caller, callee, SECONDS);
      await distance.cut('uk1', 'de1');
      await goesBy(stage, 'es1');
      const length = callee.audio.heard.length;
      await callee.audio.until(() => callee.audio.heard.length > length + 3 * 8000);
      withinGap('cut', heard.longestGaps());
    } finally {
      await distance.mend('uk1', 'de1');
    }
    await callee.go('bye');
    await Promise.all([caller.finished(), callee.finished()]);
  });
});

describe('a callee who hangs up', () => {
  const pages = (next: string) => ({
    '/tone.wav': { contentType: 'audio/wav', body: toneFile(620, 3) },
    '/voice': `<Response><Dial answerOnBridge="true">+442079460000</Dial>${next}</Response>`,
  });
  const speechElsewhere = {
    regions: {
      uk1: { place: 'london', prefixes: ['+44'], config: { services: { transcoding: {} } } },
      de1: { place: 'frankfurt', prefixes: ['+49'], config: { services: { speech: {} } } },
    },
  };

  /** Resolves when the callee has hung up, whose every word the caller hears until then. */
  const hangsUp = async (stage: WorldStage): Promise<Sipp> => {
    const callee = await stage.callee('uk1', CALLEE_HANGS_UP);
    const caller = await stage.carrier('uk1', CARRIER);
    await talk(caller, callee, 1);
    callee.audio.say(markedSignal(SECONDS));
    caller.audio.forget();
    await caller.audio.until(() => caller.audio.heard.length > 2 * 8000);
    countWaits();
    caller.audio.forget();
    await callee.go('bye');
    await callee.finished();
    return caller;
  };

  worldScenarios(THREE_REGIONS)(
    'leaves the caller to what comes next',
    pages('<Play>/tone.wav</Play>'),
    async (stage) => {
      const caller = await hangsUp(stage);
      await hears(caller, 620);
      withinGap('next', [longestSilence(caller)]);
      await caller.finished();
    },
  );

  worldScenarios(speechElsewhere)(
    'leaves the caller to speech that another region makes, and then to what its own plays',
    pages('<Say>Your party has hung up.</Say><Play>/tone.wav</Play>'),
    async (stage) => {
      const caller = await hangsUp(stage);
      await hearsSpeech(caller);
      await hears(caller, 620);
      withinGap('nextElsewhere', [longestSilence(caller)]);
      await caller.finished();
      expect(await stage.world.mediaLinks()).toEqual(['de1-uk1']);
    },
  );
});
