import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from '@tandem/actors/testing/free-port.ts';
import { cpuTime } from './cpu-time.ts';
import type { Figure, Measurement } from './figure.ts';
import { awaitCalls, makeCalls, needSipp } from './sipp.ts';
import { nearest } from './statistics.ts';
import { inTemporaryDirectory } from './temporary.ts';

/** Calls a second. */
const RATE = 400;
const CALLS = 4000;
const ROUNDS = 5;

/** The bare agent without call router, events or media: what SIP alone costs. */
async function measure(directory: string, say: (line: string) => void): Promise<Figure[]> {
  const calleePort = await freePort();
  const callees = await awaitCalls(directory, calleePort, 0);
  const agent = fork(join(import.meta.dirname, 'sip-agent.ts'), [String(calleePort)]);
  try {
    const [{ address }] = (await once(agent, 'message')) as [{ address: string }];
    const rates: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const before = cpuTime(agent.pid!);
      const { failed } = await makeCalls(directory, address, RATE, CALLS);
      const rate = CALLS / (cpuTime(agent.pid!) - before);
      say(`round ${round} of ${ROUNDS}: ${Math.round(rate)} calls per CPU-second, ${failed} failed`);
      if (failed > 0) throw new Error(`${failed} of ${CALLS} calls failed`);
      // The first round warms up.
      if (round > 0) rates.push(rate);
    }
    const value = nearest(rates, 0.5);
    return [{ name: 'back-to-back agent', value, unit: 'calls/CPU-s', aim: { atLeast: 1200 } }];
  } finally {
    agent.disconnect();
    await callees.stop();
  }
}

export const sip: Measurement = {
  name: 'sip',
  about: 'calls per CPU-second through the back-to-back agent alone',
  measure: async (say) => {
    needSipp();
    return inTemporaryDirectory((directory) => measure(directory, say));
  },
};
