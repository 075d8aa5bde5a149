import { setTimeout } from 'node:timers/promises';
import type { Figure, Measurement } from './figure.ts';
import { type Memory, memoryOf, WITH_INSPECTOR } from './inspector.ts';
import { needSipp } from './sipp.ts';
import { Spine } from './spine.ts';
import { slope } from './statistics.ts';
import { inTemporaryDirectory } from './temporary.ts';

const HELD = [0, 500, 1000, 1500];
const RATE = 40;
const WARM_UP = 400;
/** Longer than the measurement lasts, in milliseconds. */
const TALK = 3_600_000;
/** Milliseconds in which what a call leaves behind is cleared away. */
const SETTLE = 3000;

type Point = readonly [held: number, main: Memory, region: Memory];

async function measureHeld(spine: Spine, say: (line: string) => void): Promise<Point[]> {
  const { main, region } = spine.network;
  const points: Point[] = [];
  for (const [index, held] of HELD.entries()) {
    await spine.hold(RATE, held - (HELD[index - 1] ?? 0));
    await setTimeout(SETTLE);
    const point = [held, await memoryOf(main), await memoryOf(region)] as const;
    points.push(point);
    const text = (memory: Memory) => `${mebibytes(memory.resident)} (heap ${mebibytes(memory.heap)})`;
    say(`${held} calls held: main ${text(point[1])}, region ${text(point[2])}`);
  }
  return points;
}

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

const figures = (points: readonly Point[]): Figure[] => {
  const perCall = (of: (main: Memory, region: Memory) => number): number =>
    slope(points.map(([held, main, region]) => [held, of(main, region)] as const)) / 1024;
  const unit = 'KiB a call';
  return [
    {
      name: 'resident, both processes',
      unit,
      aim: { atMost: 60 },
      value: perCall((main, region) => main.resident + region.resident),
    },
    { name: 'of it main region', unit, value: perCall((main) => main.resident) },
    { name: 'of it region', unit, value: perCall((_main, region) => region.resident) },
    { name: 'heap in use, main region', unit, value: perCall((main) => main.heap) },
    { name: 'heap in use, region', unit, value: perCall((_main, region) => region.heap) },
  ];
};

export const memory: Measurement = {
  name: 'memory',
  about: 'memory that an established call takes in both processes',
  async measure(say) {
    needSipp();
    return inTemporaryDirectory(async (directory) => {
      process.env.TANDEM_NODE_OPTIONS = WITH_INSPECTOR;
      const document = '<Response><Dial answerOnBridge="true"><Number>+15550142</Number></Dial></Response>';
      const capacity = 2 * (HELD.at(-1)! + WARM_UP);
      const spine = await Spine.start(directory, { document, talk: TALK, capacity });
      try {
        await spine.hold(RATE, WARM_UP);
        return figures(await measureHeld(spine, say));
      } finally {
        await spine.kill();
      }
    });
  },
};
