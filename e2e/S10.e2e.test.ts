import { expect } from '@jest/globals';
import { talk } from './harness/conversation.ts';
import { CALLEE_HANGS_UP, CARRIER, carrierRefused } from './harness/peers.ts';
import { worldScenarios } from './harness/world-stage.ts';

// S10: an account that prohibits a region, one that allows only a subset, one with a night-time rule: not a packet
// goes elsewhere. Numbers of Japan and Germany are reached by the carriers of both; policies say which is used. They are
// so far from each other that a busy machine, on which all seem farther, does not make the farther one the nearer.

/** Hours around now and hours that are not now, in UTC. */
const hour = (from: number): string =>
  `${String((new Date().getUTCHours() + from + 24) % 24).padStart(2, '0')}:00`;
const now = { zone: 'Etc/UTC', from: hour(-2), until: hour(3) };
const notNow = { zone: 'Etc/UTC', from: hour(8), until: hour(10) };

const account = (digit: string) => ({
  sid: `AC${digit.repeat(32)}`,
  authToken: 'a-token-that-is-no-secret',
  name: `Account ${digit}`,
  operator: digit === '1',
});
const [usual, prohibits, subset, night, day] = ['1', '2', '3', '4', '5'].map(account);
const numbers = [usual, prohibits, subset, night, day].map((one, index) => ({
  number: `+1555010${index}`,
  account: one!.sid,
}));

const scenario = worldScenarios({
  regions: {
    uk1: { place: 'london', prefixes: ['+44'] },
    de1: { place: 'frankfurt', prefixes: ['+49', '+81'] },
    jp1: { place: 'tokyo', prefixes: ['+81', '+49'] },
  },
  main: (url) => ({
    accounts: [usual, prohibits, subset, night, day],
    numbers: numbers.map((number) => ({ ...number, voiceUrl: `${url}/voice` })),
    policies: [
      { name: 'not-frankfurt', when: { accounts: [prohibits!.sid] }, prohibit: ['de1'] },
      { name: 'these-two-only', when: { accounts: [subset!.sid] }, only: ['uk1', 'jp1'] },
      { name: 'not-frankfurt-by-night', when: { accounts: [night!.sid], hours: [now] }, prohibit: ['de1'] },
      { name: 'not-frankfurt-by-day', when: { accounts: [day!.sid], hours: [notNow] }, prohibit: ['de1'] },
    ],
  }),
});

const DIAL = { '/voice': '<Response><Dial answerOnBridge="true">+49301234567</Dial></Response>' };

for (const [what, index, region] of [
  ['no policy takes the nearest', 0, 'de1'],
  ['a prohibited region is not used', 1, 'jp1'],
  ['only a subset is used', 2, 'jp1'],
  ['a rule of the hour is kept', 3, 'jp1'],
  ['a rule of another hour does not count', 4, 'de1'],
] as const)
  scenario(what, DIAL, async (stage) => {
    const callee = await stage.callee(region, CALLEE_HANGS_UP);
    const caller = await stage.carrier('uk1', CARRIER, { number: numbers[index]!.number });
    await talk(caller, callee);
    await callee.go('bye');
    await Promise.all([caller.finished(), callee.finished()]);
    expect(await stage.world.mediaLinks()).toEqual([`${region}-uk1`]);
    const events = await stage.events();
    const placed = events.find(({ type }) => type === 'CallLegPlaced')!;
    const { decision } = placed.data as { decision: { reasons: string[]; policies: string[] } };
    expect(decision.reasons).not.toEqual([]);
    expect(decision.policies).toHaveLength(index === 0 || index === 4 ? 0 : 1);
  });

scenario(
  'a call that could only go by a prohibited region is not made',
  { '/voice': '<Response><Dial answerOnBridge="true">+4420</Dial><Reject/></Response>' },
  async (stage) => {
    // The caller came in by Frankfurt, where its account's media may not be.
    const caller = await stage.carrier('de1', carrierRefused(603), { number: numbers[1]!.number });
    await caller.finished();
    expect(await stage.world.mediaLinks()).toEqual([]);
  },
);
