import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freePort } from '@tandem/actors/testing/free-port.ts';

const main = join(import.meta.dirname, '..', 'main.ts');
const LIMIT = 60_000;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tandem-demo-'));
});
afterEach(() => rm(directory, { recursive: true }));

/** A demo as a person starts it, and its region's process id once the call has been answered. */
async function startDemo(env: NodeJS.ProcessEnv = {}) {
  const ports = ['--sip-port', '--api-port', '--phone-port'];
  const args = [main, 'demo', '--once', '--data', directory];
  for (const option of ports) args.push(option, String(await freePort()));
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  let said = '';
  const answered = Promise.withResolvers<void>();
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
    if (said.includes('The caller in London is answered.')) answered.resolve();
  });
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  await Promise.race([answered.promise, exited]);
  const region = Number(/London +uk1 +process (\d+)/.exec(said)?.[1]);
  return { child, exited, region, said: () => said };
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('the demo', () => {
  it(
    'has both its calls heard without mediasoup’s worker, the one between two regions, too',
    async () => {
      const { exited, said } = await startDemo({ MEDIASOUP_WORKER_BIN: 'none' });
      expect(await exited).toEqual([0, null]);
      expect(said()).toMatch(/London – Frankfurt +uk1\/gw1 → de1\/gw1 +\d+ ms/);
      expect(said()).not.toContain('media-failed');
    },
    5 * LIMIT,
  );

  it(
    'that is interrupted in the middle of its call ends in order, its regions as well',
    async () => {
      const { child, exited, region, said } = await startDemo();
      expect(runs(region)).toBe(true);
      child.kill('SIGINT');
      expect(await exited).toEqual([130, null]);
      expect(said()).toContain('Closing.');
      expect(runs(region)).toBe(false);
    },
    LIMIT,
  );

  it(
    'that is killed takes its regions with it',
    async () => {
      const { child, exited, region } = await startDemo();
      expect(runs(region)).toBe(true);
      child.kill('SIGKILL');
      await exited;
      while (runs(region)) await new Promise(setImmediate);
    },
    LIMIT,
  );
});
