import { expect } from '@jest/globals';
import { talk } from './harness/conversation.ts';
import { CALLEE, CALLEE_HANGS_UP, CARRIER, CARRIER_HANGS_UP } from './harness/peers.ts';
import { worldScenarios } from './harness/world-stage.ts';

// S1: a phone calls a phone, both in the local region. Signalling goes through the main region, media never.

const scenario = worldScenarios({
  regions: {
    uk1: { place: 'london', prefixes: ['+44'] },
    de1: { place: 'frankfurt', prefixes: ['+49'] },
  },
});

const DIAL = '<Response><Dial answerOnBridge="true">+442079460000</Dial></Response>';

for (const [who, from, to] of [
  ['caller', CARRIER_HANGS_UP, CALLEE],
  ['callee', CARRIER, CALLEE_HANGS_UP],
] as const)
  scenario(`a local call stays in its region; the ${who} hangs up`, { '/voice': DIAL }, async (stage) => {
    const callee = await stage.callee('uk1', to);
    const caller = await stage.carrier('uk1', from);
    await talk(caller, callee);
    await (who === 'caller' ? caller : callee).go('bye');
    await Promise.all([caller.finished(), callee.finished()]);
    expect(await stage.calls()).toMatchObject([{ state: 'ended', reason: 'completed' }]);
    expect(await stage.world.mediaLinks()).toEqual([]);
    const ended = (await stage.events()).filter(({ type }) => type === 'LegEnded');
    const heard = { packets: expect.any(Number), mos: expect.any(Number) };
    expect(ended.map(({ data }) => data)).toMatchObject([{ heard }, { heard }]);
    const traffic = await stage.world.distance.traffic();
    const toMain = traffic.find((way) => way.from === 'uk1' && way.to === 'us1');
    expect(toMain!.signalling.bytes).toBeGreaterThan(0);
  });
