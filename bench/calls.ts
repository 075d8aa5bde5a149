import type { Figure, Measurement } from './figure.ts';
import { needSipp } from './sipp.ts';
import { type CallsCarried, callsPerCpuSecond, Spine, type SpineOptions } from './spine.ts';
import { nearest } from './statistics.ts';
import { inTemporaryDirectory } from './temporary.ts';

/** Two parties are joined: a second leg, its answer, the bridge. */
export const DIAL: SpineOptions = {
  document: '<Response><Dial answerOnBridge="true"><Number>+15550142</Number></Dial></Response>',
  talk: 200,
  capacity: 1000,
};

/** The application answers itself, waits a second for a key and hangs up. */
const GATHER: SpineOptions = {
  document: '<Response><Gather numDigits="1" timeout="1"/></Response>',
  talk: 0,
  capacity: 1000,
};

const WARM_UP = { rate: 40, calls: 600 };
const FIRST_RATE = 40;
const STEP = 1.2;
/** Seconds of calls at each rate. */
const RAMP_FOR = 8;
const HALF_LOAD_FOR = 8;
const HALF_LOAD_ROUNDS = 3;
/** A 99th percentile above this, in milliseconds, is a queue that grows. */
const QUEUE = 2000;

type Say = (line: string) => void;

export const summary = (rate: number, carried: CallsCarried): string =>
  [
    `${rate} calls/s: ${Math.round(callsPerCpuSecond(carried))} per CPU-second`,
    `CPU ms a call: main ${milliseconds(carried.cpu.main, carried)}, region ${milliseconds(carried.cpu.region, carried)}`,
    `180 after ${nearest(carried.ringing, 0.5).toFixed(1)} ms (p99 ${nearest(carried.ringing, 0.99).toFixed(1)})`,
    `200 after ${nearest(carried.answered, 0.5).toFixed(1)} ms (p99 ${nearest(carried.answered, 0.99).toFixed(1)})`,
    `${carried.failed} failed, ${carried.repeated} repeated`,
  ].join('; ');

const milliseconds = (cpu: number, { calls }: CallsCarried): string => ((cpu / calls) * 1000).toFixed(2);

const isSustained = ({ failed, repeated, answered }: CallsCarried): boolean =>
  failed === 0 && repeated === 0 && nearest(answered, 0.99) < QUEUE;

/** Raises the rate until calls fail or queue; what was carried at the highest rate before that. */
export async function highest(spine: Spine, say: Say): Promise<{ rate: number; carried: CallsCarried }> {
  let sustained: { rate: number; carried: CallsCarried } | undefined;
  for (let rate = FIRST_RATE; ; rate = Math.round(rate * STEP)) {
    const carried = await spine.carry(rate, rate * RAMP_FOR);
    say(summary(rate, carried));
    if (!isSustained(carried)) break;
    sustained = { rate, carried };
  }
  if (!sustained) throw new Error(`not even ${FIRST_RATE} calls a second were carried`);
  return sustained;
}

/** Rounds at one rate. */
async function rounds(spine: Spine, rate: number, say: Say): Promise<CallsCarried[]> {
  const carried: CallsCarried[] = [];
  for (let round = 0; round < HALF_LOAD_ROUNDS; round++) {
    carried.push(await spine.carry(rate, rate * HALF_LOAD_FOR));
    say(summary(rate, carried.at(-1)!));
  }
  return carried;
}

const medianOf = (carried: readonly CallsCarried[], figure: (one: CallsCarried) => number): number =>
  nearest(carried.map(figure), 0.5);

const latency = (
  name: string,
  carried: readonly CallsCarried[],
  times: (one: CallsCarried) => readonly number[],
  p99Aim?: number,
): Figure[] => [
  { name: `${name}, p50`, unit: 'ms', value: medianOf(carried, (one) => nearest(times(one), 0.5)) },
  {
    name: `${name}, p99`,
    unit: 'ms',
    value: medianOf(carried, (one) => nearest(times(one), 0.99)),
    ...(p99Aim !== undefined && { aim: { atMost: p99Aim } }),
  },
];

export async function withSpine<T>(options: SpineOptions, work: (spine: Spine) => Promise<T>): Promise<T> {
  return inTemporaryDirectory(async (directory) => {
    const spine = await Spine.start(directory, options);
    try {
      await spine.carry(WARM_UP.rate, WARM_UP.calls);
      return await work(spine);
    } finally {
      await spine.close();
    }
  });
}

async function dialled(say: Say): Promise<{ half: number; figures: Figure[] }> {
  return withSpine(DIAL, async (spine) => {
    const { rate, carried } = await highest(spine, say);
    const half = Math.round(rate / 2);
    // What was refused under overload is over by now; half the load is carried by a network that has recovered.
    const relaxed = await rounds(spine, half, say);
    const perCall = (cpu: number) => (cpu / carried.calls) * 1000;
    return {
      half,
      figures: [
        { name: 'highest rate that was sustained', unit: 'calls/s', value: rate },
        {
          name: 'two parties joined, at that rate',
          unit: 'calls/CPU-s',
          value: callsPerCpuSecond(carried),
          aim: { atLeast: 300 },
        },
        { name: 'of it main region', unit: 'CPU-ms a call', value: perCall(carried.cpu.main) },
        { name: 'of it region', unit: 'CPU-ms a call', value: perCall(carried.cpu.region) },
        {
          name: 'two parties joined, at half that rate',
          unit: 'calls/CPU-s',
          value: medianOf(relaxed, callsPerCpuSecond),
        },
        ...latency('INVITE to 180, at half', relaxed, ({ ringing }) => ringing, 10),
        ...latency('INVITE to 200 of the called party, at half', relaxed, ({ answered }) => answered),
      ],
    };
  });
}

async function answered(rate: number, say: Say): Promise<Figure[]> {
  return withSpine(GATHER, async (spine) => {
    const carried = await rounds(spine, rate, say);
    return [
      {
        name: 'answered by the application, at half',
        unit: 'calls/CPU-s',
        value: medianOf(carried, callsPerCpuSecond),
      },
      ...latency('INVITE to 200 of the application, at half', carried, (one) => one.answered, 10),
    ];
  });
}

export const calls: Measurement = {
  name: 'calls',
  about: 'calls per CPU-second through a main region and a region, and how long callers wait',
  async measure(say) {
    needSipp();
    const { half, figures } = await dialled(say);
    return [...figures, ...(await answered(half, say))];
  },
};
