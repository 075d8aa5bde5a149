import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const root = join(import.meta.dirname, '../..');

/** A line of a process's log. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** A `tandem` process with its log. Whoever started it stops or kills it. */
export class TandemProcess {
  readonly log: LogLine[] = [];
  /** Lines that are no log, such as the stack of a crash. */
  readonly output: string[] = [];
  readonly #child: ChildProcess;
  readonly #watchers = new Set<() => void>();

  private constructor(child: ChildProcess) {
    this.#child = child;
    for (const stream of [child.stdout!, child.stderr!])
      createInterface({ input: stream }).on('line', (line) => this.#read(line));
    child.once('exit', () => this.#look());
  }

  /** Starts `tandem` with arguments, and variables besides ours, and waits for a log message. */
  static async start(
    args: readonly string[],
    ready: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<TandemProcess> {
    const child = spawn(process.execPath, [join(root, 'cli/main.ts'), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        NODE_OPTIONS: process.env.TANDEM_NODE_OPTIONS ?? '',
        TANDEM_LOG: process.env.TANDEM_LOG ?? 'debug',
        ...env,
      },
    });
    const started = new TandemProcess(child);
    await started.logged((line) => line.msg === ready);
    return started;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get exited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Resolves with the first line that fits, of those that were and those to come. */
  logged(fits: (line: LogLine) => boolean): Promise<LogLine> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.log.find(fits);
        if (!found && !this.exited) return;
        this.#watchers.delete(look);
        if (found) resolve(found);
        else reject(new Error(`tandem ended before that: ${[...this.output, ...this.problems].join('\n')}`));
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** What it logged as a warning or worse. */
  get problems(): string[] {
    return this.log
      .filter(({ level }) => level !== 'info' && level !== 'debug')
      .map((line) => JSON.stringify(line));
  }

  /** Ends it in order, for good unless it is SIGTERM; resolves with its exit status. Rejects when it left something open. */
  async stop(signal: 'SIGINT' | 'SIGTERM' = 'SIGINT'): Promise<number | null> {
    if (!this.exited) {
      this.#child.kill(signal);
      // Not 'exit': what it wrote last is still to be read then.
      await once(this.#child, 'close');
    }
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== 0) {
      const last = this.log.slice(-20).map((line) => JSON.stringify(line));
      console.error(`tandem ended with ${exitCode ?? signalCode}:`, [...this.output, ...last].join('\n'));
    }
    const left = this.log.find(({ msg }) => msg.startsWith('ended with something still open'));
    if (left) throw new Error(`tandem ${left.msg}: ${JSON.stringify(left.open)}`);
    return exitCode;
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    if (this.exited) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }

  #read(line: string): void {
    try {
      this.log.push(JSON.parse(line));
    } catch {
      this.output.push(line);
    }
    this.#look();
  }

  #look(): void {
    for (const look of [...this.#watchers]) look();
  }
}
