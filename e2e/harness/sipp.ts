import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RtpEndpoint } from '@tandem/gateways/phone/rtp-endpoint.ts';

const scenarios = join(import.meta.dirname, '../sipp');

export interface SippOptions {
  /** File of `e2e/sipp`, without its ending. */
  readonly scenario: string;
  /** `host:port` to call; absent for a scenario that waits for calls. */
  readonly remote?: string;
  readonly port: number;
  /** Values for the scenario's [keywords]. */
  readonly keys?: Readonly<Record<string, string>>;
  readonly calls?: number;
}

/** A sipp process, whose audio is an endpoint of ours that hears and speaks. */
export class Sipp {
  readonly audio: RtpEndpoint;
  readonly #child: ChildProcess;
  readonly #directory: string;
  #output = '';

  private constructor(child: ChildProcess, audio: RtpEndpoint, directory: string) {
    this.#child = child;
    this.audio = audio;
    this.#directory = directory;
    for (const stream of [child.stdout!, child.stderr!])
      stream.on('data', (chunk) => {
        this.#output = (this.#output + chunk).slice(-4000);
      });
  }

  static async start(options: SippOptions): Promise<Sipp> {
    const audio = await RtpEndpoint.open('127.0.0.1');
    // PCMU and telephone-event; where to send to is learnt from what comes.
    audio.connect({
      ...{ address: '127.0.0.1', port: 0, rtcpPort: 0, codec: 'PCMU', payloadType: 0, dtmfPayloadType: 101 },
      ...{ direction: 'sendrecv', ptime: 20 },
    });
    const directory = await mkdtemp(join(tmpdir(), 'tandem-sipp-'));
    const keys = { ...options.keys, rtp_port: String(audio.port) };
    const child = spawn(
      'sipp',
      [
        ...(options.remote ? [options.remote] : []),
        ...['-sf', join(scenarios, `${options.scenario}.xml`), '-i', '127.0.0.1', '-p', String(options.port)],
        ...['-m', String(options.calls ?? 1), '-nostdin', '-timeout', '60', '-timeout_error'],
        ...['-trace_err', '-error_file', join(directory, 'errors.log')],
        ...Object.entries(keys).flatMap(([name, value]) => ['-key', name, value]),
      ],
      { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    await once(child, 'spawn');
    return new Sipp(child, audio, directory);
  }

  /** Resolves when its scenario is through; rejects with what sipp says when it went otherwise. */
  async finished(): Promise<void> {
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
    if (this.#child.exitCode === 0) return;
    const errors = await readFile(join(this.#directory, 'errors.log'), 'utf8').catch(() => '');
    throw new Error(`sipp ended with ${this.#child.exitCode}: ${errors || this.#output}`);
  }

  async close(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL');
      await once(this.#child, 'exit');
    }
    await this.audio.close();
    await rm(this.#directory, { recursive: true });
  }
}
