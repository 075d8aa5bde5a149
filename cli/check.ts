import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { addTotals, NO_TESTS, ofJest, parseTotals, sayTotals, type Totals } from './totals.ts';

const root = join(import.meta.dirname, '..');
const bin = join(root, 'node_modules', '.bin');

/** Runs lint, types and every tier of tests, says how each went, and ends with the sum. True when all is well. */
export async function check(env: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  const scratch = await mkdtemp(join(tmpdir(), 'tandem-check-'));
  try {
    const totals = [
      await section('Lint and format (biome)', () => checked('biome', ['check', '--error-on-warnings', '.'])),
      await section('Types (tsc)', () => checked('tsc', ['--noEmit'])),
      await section('Unit tests', () => jest('unit', scratch)),
      await section('Integration tests', () => jest('int', scratch)),
      ...(existsSync(join(root, 'e2e', 'run.ts'))
        ? [await section('Scenarios with real peers', scenarios)]
        : []),
    ].reduce(addTotals, NO_TESTS);
    const skipFails = env.CI === 'true' && totals.skipped > 0;
    console.log(skipFails ? '\nUnder CI=true a skipped test is a failure.\n' : '');
    console.log(sayTotals(totals));
    return totals.failed === 0 && !skipFails;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function section(title: string, run: () => Promise<Totals>): Promise<Totals> {
  console.log(`\n── ${title} ${'─'.repeat(Math.max(0, 70 - title.length))}`);
  const totals = await run();
  console.log(`${totals.failed === 0 ? 'ok' : 'FAILED'}: ${title.toLowerCase()}`);
  return totals;
}

/** A check that has no tests to count: nothing when it passes, one failure when it does not. */
async function checked(program: string, args: string[]): Promise<Totals> {
  const { status } = await run(join(bin, program), args);
  return { ...NO_TESTS, failed: status === 0 ? 0 : 1 };
}

async function jest(tier: 'unit' | 'int', scratch: string): Promise<Totals> {
  const report = join(scratch, `${tier}.json`);
  const { status } = await run(process.execPath, [
    ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
    ...[join(root, 'node_modules/jest/bin/jest.js'), '--json', `--outputFile=${report}`],
    ...['--testPathPatterns', `\\.${tier}\\.test\\.ts$`],
  ]);
  if (!existsSync(report)) return { ...NO_TESTS, failed: 1 };
  const { totals, skipped } = ofJest(JSON.parse(await readFile(report, 'utf8')));
  for (const name of skipped) console.log(`skipped: ${name}`);
  return totals.failed === 0 && status !== 0 ? { ...totals, failed: 1 } : totals;
}

/** The scenarios' own last line is in the form of ours. */
async function scenarios(): Promise<Totals> {
  const { status, lastLine } = await run(process.execPath, [join(root, 'e2e', 'run.ts')]);
  const totals = parseTotals(lastLine);
  if (!totals) return { ...NO_TESTS, failed: 1 };
  return totals.failed === 0 && status !== 0 ? { ...totals, failed: 1 } : totals;
}

interface Ended {
  /** The exit status; null when a signal ended it. */
  readonly status: number | null;
  /** The last line of its standard output that is not empty. */
  readonly lastLine: string;
}

function run(program: string, args: string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` },
    });
    let tail = '';
    child.stdout.on('data', (chunk: Buffer) => {
      process.stdout.write(chunk);
      tail = (tail + chunk.toString('utf8')).slice(-4096);
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, lastLine: tail.trimEnd().split('\n').at(-1) ?? '' }));
  });
}

if (import.meta.main) process.exitCode = (await check()) ? 0 : 1;
