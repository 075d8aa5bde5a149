import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { Network, UNLIMITED } from '@tandem/e2e/harness/network.ts';
import { cpuTime } from './cpu-time.ts';
import { awaitCalls, type CallsMade, holdCalls, makeCalls, type Sipp } from './sipp.ts';

export interface SpineOptions {
  /** The document that the application answers with. */
  readonly document: string;
  /** Milliseconds that called parties talk. */
  readonly talk: number;
  /** Legs at once. */
  readonly capacity: number;
}

/** CPU-seconds of both processes, with their threads. */
interface CpuSeconds {
  readonly main: number;
  readonly region: number;
}

export interface CallsCarried extends CallsMade {
  readonly calls: number;
  readonly cpu: CpuSeconds;
}

/** A main region and a region as two processes, and who is called. */
export class Spine {
  readonly network: Network;
  readonly #directory: string;
  readonly #callees: Sipp;
  readonly #central: DatabaseSync;
  readonly #held: Sipp[] = [];

  private constructor(network: Network, directory: string, callees: Sipp) {
    this.network = network;
    this.#directory = directory;
    this.#callees = callees;
    this.#central = new DatabaseSync(join(network.directory, 'us1/events.db'), { readOnly: true });
  }

  static async start(directory: string, { document, talk, capacity }: SpineOptions): Promise<Spine> {
    // The harness has processes log what tests look at; a network that runs does not.
    process.env.TANDEM_LOG = 'info';
    const network = await Network.start({
      account: UNLIMITED,
      application: () => document,
      capacity,
      ports: capacity + capacity / 4,
    });
    const end = (): void => {
      for (const { pid, exited } of [network.region, network.main]) if (!exited) process.kill(pid, 'SIGKILL');
    };
    process.once('exit', end);
    return new Spine(network, directory, await awaitCalls(directory, network.carrierPort, talk));
  }

  /**
   * Carries so many calls, so many a second, until the main region has the last word of each; CPU time is of all
   * that.
   */
  async carry(rate: number, calls: number): Promise<CallsCarried> {
    const before = this.#cpu();
    const known = this.count('CallReceived');
    const made = await makeCalls(this.#directory, this.network.sip, rate, calls);
    await this.#ended(known + made.answered.length);
    const after = this.#cpu();
    return {
      ...made,
      calls,
      cpu: { main: after.main - before.main, region: after.region - before.region },
    };
  }

  /** Makes so many calls, so many a second, that go on; resolves when both legs of each are bridged. */
  async hold(rate: number, calls: number): Promise<void> {
    if (calls === 0) return;
    const before = this.count('BridgeRequested');
    this.#held.push(await holdCalls(this.#directory, this.network.sip, rate, calls));
    while (this.count('BridgeRequested') < before + 2 * calls) await setTimeout(100);
  }

  /** Ends all processes at once, with whatever calls there are. */
  async kill(): Promise<void> {
    for (const callers of this.#held) await callers.stop();
    await this.network.region.kill();
    await this.network.main.kill();
    await this.close();
  }

  /** Events of a type in the central store. */
  count(type: string): number {
    const { count } = this.#central
      .prepare('SELECT count(*) AS count FROM events WHERE type = ?')
      .get(type) as { count: number };
    return count;
  }

  async close(): Promise<void> {
    this.#central.close();
    await this.#callees.stop();
    await this.network.close();
  }

  /**
   * Makes so many calls, so many a second, of callers who take 503 for an answer; resolves when every call that the
   * network took is over in the main region.
   */
  async overload(rate: number, calls: number): Promise<CallsMade> {
    const known = this.count('CallReceived');
    const made = await makeCalls(this.#directory, this.network.sip, rate, calls, 'caller-or-refused');
    await this.#ended(known + made.answered.length);
    return made;
  }

  /** Resolves when the main region knows of so many calls, and of the end of each that it knows. */
  async #ended(calls: number): Promise<void> {
    while (this.count('CallReceived') < calls || this.count('CallEnded') < this.count('CallReceived'))
      await setTimeout(100);
  }

  #cpu(): CpuSeconds {
    const { main, region } = this.network;
    const gone = [main, region].find(({ exited }) => exited);
    if (gone) throw new Error(`a process ended: ${[...gone.output, ...gone.problems].join('\n')}`);
    return { main: cpuTime(main.pid), region: cpuTime(region.pid) };
  }
}

export const callsPerCpuSecond = ({ calls, cpu }: CallsCarried): number => calls / (cpu.main + cpu.region);
