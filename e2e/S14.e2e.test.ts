import { describe, expect } from '@jest/globals';
import type { CodecName } from '@tandem/gateways/audio/codecs';
import { talk } from './harness/conversation.ts';
import { called as calls, hungUp, picksUp } from './harness/peers.ts';
import { callee as called, expectAnswer, scenario as script, waitFor } from './harness/sipp-scenario.ts';
import { worldScenarios } from './harness/world-stage.ts';

// S14: two legs with no codec in common, in one region; and in two local regions with a transcoder in either, never
// through a third.

const without = { services: { speech: {} } };
const withTranscoder = { services: { speech: {}, transcoding: {} } };
const picksUpWith = (codec: CodecName) =>
  script(...picksUp({ codec }), waitFor('bye'), called.request('BYE', 1), expectAnswer(200));
const callsWith = (codec: CodecName) => script(...calls({ codec }), ...hungUp());

/** What the two speak: the laws of G.711 are a table, all else takes a decoder and an encoder. */
const PAIRS = [
  ['PCMU', 'PCMA'],
  ['PCMU', 'G722'],
  ['opus', 'PCMA'],
  ['G722', 'opus'],
] as const;

for (const [where, uk1, de1, region, number] of [
  ['one region', withTranscoder, without, 'uk1', '+442079460000'],
  ['two regions, of which the caller’s transcodes', withTranscoder, without, 'de1', '+49301234567'],
  ['two regions, of which the callee’s transcodes', without, withTranscoder, 'de1', '+49301234567'],
] as const)
  describe(`no codec in common, in ${where}`, () => {
    const scenario = worldScenarios({
      regions: {
        uk1: { place: 'london', prefixes: ['+44'], config: uk1 },
        de1: { place: 'frankfurt', prefixes: ['+49'], config: de1 },
        es1: { place: 'madrid', prefixes: ['+34'], config: withTranscoder },
      },
    });
    for (const [spoken, answered] of PAIRS)
      scenario(
        `a caller with ${spoken} and a callee with ${answered} hear each other, by whoever transcodes`,
        { '/voice': `<Response><Dial answerOnBridge="true">${number}</Dial></Response>` },
        async (stage) => {
          const callee = await stage.callee(region, picksUpWith(answered), { codec: answered });
          const caller = await stage.carrier('uk1', callsWith(spoken), { codec: spoken });
          await talk(caller, callee);
          await callee.go('bye');
          await Promise.all([caller.finished(), callee.finished()]);
          expect(await stage.world.mediaLinks()).toEqual(region === 'uk1' ? [] : ['de1-uk1']);
        },
      );
  });
