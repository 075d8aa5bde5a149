import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '@tandem/actors/testing/free-port.ts';

/** @throws Error when there is no sipp */
export function needSipp(): void {
  if (spawnSync('sipp', ['-v']).error === undefined) return;
  throw new Error('This measurement needs sipp on the PATH: apt-get install sip-tester');
}

const scenarioFile = (name: string): string => join(import.meta.dirname, 'sipp', `${name}.xml`);

/** A sipp process. Whoever started it waits for its end or stops it. */
export class Sipp {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(directory: string, args: readonly (string | number)[]): Promise<Sipp> {
    const media = await freePort();
    const child = spawn('sipp', [...args.map(String), '-i', '127.0.0.1', '-mp', `${media}`, '-nostdin'], {
      cwd: directory,
      stdio: 'ignore',
      env: { ...process.env, TERM: 'dumb' },
    });
    await once(child, 'spawn');
    // Should the measurement fail, its programs do not outlive it.
    const kill = (): boolean => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', () => process.off('exit', kill));
    return new Sipp(child);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  async finished(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.finished();
  }
}

/** Called parties that ring, answer, talk for so many milliseconds and hang up, until they are stopped. */
export const awaitCalls = (directory: string, port: number, talk: number): Promise<Sipp> =>
  Sipp.start(directory, ['-sf', scenarioFile('callee'), '-p', port, '-d', talk]);

/** Makes so many calls, so many a second, that wait to be hung up. */
export const holdCalls = async (
  directory: string,
  remote: string,
  rate: number,
  calls: number,
): Promise<Sipp> =>
  Sipp.start(directory, [
    remote,
    '-sf',
    scenarioFile('caller'),
    '-p',
    await freePort(),
    '-r',
    rate,
    '-m',
    calls,
    '-l',
    MOST_AT_ONCE,
  ]);

export interface CallsMade {
  /** Calls that went otherwise than they should have. */
  readonly failed: number;
  /** Requests that were sent again, because nothing came for half a second. */
  readonly repeated: number;
  /** Milliseconds from the INVITE to the first answer above 100, of each call; to its 200. */
  readonly ringing: readonly number[];
  readonly answered: readonly number[];
  /** The same to 503, of the calls that were refused so; they have not failed where a caller expects that. */
  readonly refused: readonly number[];
}

/** Makes so many calls, so many a second, and waits until all are over. */
export async function makeCalls(
  directory: string,
  remote: string,
  rate: number,
  calls: number,
  /** A caller that takes 503 for an answer is `caller-or-refused`. */
  scenario: 'caller' | 'caller-or-refused' = 'caller',
): Promise<CallsMade> {
  const sipp = await Sipp.start(directory, [
    remote,
    '-sf',
    scenarioFile(scenario),
    '-p',
    await freePort(),
    '-r',
    rate,
    '-m',
    calls,
    '-l',
    MOST_AT_ONCE,
    '-recv_timeout',
    GIVES_UP_AFTER,
    '-trace_stat',
    '-trace_shortmsg',
  ]);
  await sipp.finished();
  const [titles, ...lines] = await linesOf(join(directory, `${scenario}_${sipp.pid}_.csv`));
  const column = titles!.split(';').indexOf('SuccessfulCall(C)');
  const succeeded = Number(lines.at(-1)!.split(';')[column]);
  const messages = await linesOf(join(directory, `${scenario}_${sipp.pid}_shortmessages.log`));
  return { failed: calls - succeeded, ...timesOf(messages) };
}

const MOST_AT_ONCE = 10_000;
/** Milliseconds without the message that comes next after which a call has failed. */
const GIVES_UP_AFTER = 20_000;

const linesOf = async (file: string): Promise<string[]> => (await readFile(file, 'utf8')).trim().split('\n');

/**
 * Reads sipp's list of messages, whose times are exact: its own statistics go by a clock that ticks every four
 * milliseconds. Columns: date, time, seconds, S (sent) or R (received), Call-ID, CSeq, first line.
 */
function timesOf(lines: readonly string[]): Omit<CallsMade, 'failed'> {
  const calls = new Map<string, { invited: number; ringing?: number; answered?: number; refused?: number }>();
  let repeated = 0;
  for (const line of lines) {
    const [, , seconds, direction, callId, , first] = line.split('\t');
    const time = Number(seconds) * 1000;
    const call = calls.get(callId!);
    const sent = direction === 'S';
    if (sent && first!.startsWith('INVITE')) {
      if (call) repeated++;
      else calls.set(callId!, { invited: time });
    } else if (call && !sent && first!.startsWith('SIP/2.0 503')) {
      call.refused ??= time - call.invited;
    } else if (call && !sent && /^SIP\/2\.0 (18\d|2\d\d)/.test(first!)) {
      call.ringing ??= time - call.invited;
      if (first!.startsWith('SIP/2.0 2')) call.answered ??= time - call.invited;
    }
  }
  const all = [...calls.values()];
  return {
    repeated,
    ringing: all.flatMap(({ ringing }) => ringing ?? []),
    answered: all.flatMap(({ answered }) => answered ?? []),
    refused: all.flatMap(({ refused }) => refused ?? []),
  };
}
