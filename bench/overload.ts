import { DIAL, highest, summary, withSpine } from './calls.ts';
import type { Measurement } from './figure.ts';
import { needSipp } from './sipp.ts';
import { nearest } from './statistics.ts';

/** Seconds of twice the highest rate. */
const FOR = 60;
/** Seconds of half the highest rate, before it and after. */
const AT_EASE_FOR = 8;

/** Twice the calls that the network carries: what becomes of those that it takes, and of the others. */
export const overload: Measurement = {
  name: 'overload',
  about: 'twice the highest rate for a minute: who is refused, how soon, and that all is as before after it',
  async measure(say) {
    needSipp();
    return withSpine(DIAL, async (spine) => {
      const { rate } = await highest(spine, say);
      const half = Math.round(rate / 2);
      const before = await spine.carry(half, half * AT_EASE_FOR);
      say(`before: ${summary(half, before)}`);
      const calls = 2 * rate * FOR;
      const made = await spine.overload(2 * rate, calls);
      say(
        [
          `${2 * rate} calls/s: of ${calls} ${made.answered.length} answered, ${made.refused.length} refused`,
          `503 after ${nearest(made.refused, 0.5).toFixed(1)} ms (p99 ${nearest(made.refused, 0.99).toFixed(1)})`,
          `200 after ${nearest(made.answered, 0.5).toFixed(1)} ms (p99 ${nearest(made.answered, 0.99).toFixed(1)})`,
          `${made.failed} failed, ${made.repeated} repeated`,
        ].join('; '),
      );
      const after = await spine.carry(half, half * AT_EASE_FOR);
      say(`after: ${summary(half, after)}`);
      return [
        { name: 'highest rate that was sustained', unit: 'calls/s', value: rate },
        { name: 'calls at twice that, answered', unit: 'calls/s', value: made.answered.length / FOR },
        { name: 'of them refused with 503', unit: '%', value: (100 * made.refused.length) / calls },
        {
          name: 'neither carried to their end nor refused',
          unit: 'calls',
          value: made.failed,
          aim: { atMost: 0 },
        },
        {
          name: 'INVITE to 503, p99',
          unit: 'ms',
          value: nearest(made.refused, 0.99),
          aim: { atMost: 1000 },
        },
        { name: 'INVITE to 200 under overload, p99', unit: 'ms', value: nearest(made.answered, 0.99) },
        {
          name: 'failed at half the rate after it',
          unit: 'calls',
          value: after.failed,
          aim: { atMost: 0 },
        },
        {
          name: 'INVITE to 180 at half the rate after it, p99',
          unit: 'ms',
          value: nearest(after.ringing, 0.99),
        },
        {
          name: 'INVITE to 180 at half the rate before it, p99',
          unit: 'ms',
          value: nearest(before.ringing, 0.99),
        },
      ];
    });
  },
};
