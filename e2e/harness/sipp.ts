import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { CodecName } from '@tandem/gateways/audio/codecs';
import { RtpEndpoint } from '@tandem/phones';
import { formatOf, wordsOf } from './sipp-scenario.ts';

export interface SippOptions {
  /** What it says and waits for, as XML. */
  readonly scenario: string;
  /** `host:port` to call; absent for a scenario that waits for calls. */
  readonly remote?: string;
  /** Its own address; 127.0.0.1 unless given. */
  readonly address?: string;
  readonly port: number;
  readonly transport?: 'udp' | 'tcp';
  /** What its audio is coded with; PCMU unless given. */
  readonly codec?: CodecName;
  /** Values for the scenario's [keywords]. */
  readonly keys?: Readonly<Record<string, string>>;
  readonly calls?: number;
  /** Calls a second, when there are several; sipp's own unless given. */
  readonly rate?: number;
}

/** A sipp process, whose audio is an endpoint of ours that hears and speaks. */
export class Sipp {
  readonly audio: RtpEndpoint;
  readonly #child: ChildProcess;
  readonly #directory: string;
  #output = '';
  #closed = false;

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
    const { address = '127.0.0.1', codec = 'PCMU' } = options;
    const audio = await RtpEndpoint.open(address);
    const directory = await mkdtemp(join(tmpdir(), 'tandem-sipp-'));
    await writeFile(join(directory, 'scenario.xml'), options.scenario);
    for (const word of wordsOf(options.scenario)) await writeFile(join(directory, word), 'wait');
    const keys: Readonly<Record<string, string>> = { ...options.keys, rtp_port: String(audio.port) };
    const child = spawn(
      'sipp',
      [
        ...(options.remote ? [options.remote] : []),
        '-sf',
        'scenario.xml',
        '-i',
        address,
        '-p',
        String(options.port),
        ...(options.transport === 'tcp' ? ['-t', 't1'] : []),
        // Else its digests are of another URI than the one that it calls.
        ...(options.remote && keys.number ? ['-auth_uri', `${keys.number}@${options.remote}`] : []),
        ...(options.rate === undefined ? [] : ['-r', String(options.rate)]),
        '-m',
        String(options.calls ?? 1),
        '-nostdin',
        '-timeout',
        '240',
        '-timeout_error',
        '-trace_err',
        '-error_file',
        'errors.log',
        '-trace_msg',
        '-message_file',
        'messages.log',
        ...Object.entries(keys).flatMap(([name, value]) => ['-key', name, value]),
      ],
      { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    await once(child, 'spawn');
    const started = new Sipp(child, audio, directory);
    void started.talk(codec);
    return started;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Has audio coded with this, from the moment that the other side has said where it is, as a telephone does. */
  async talk(codec: CodecName): Promise<void> {
    const [, address, port] = await this.#received(/c=IN IP4 (\S+)[\s\S]*?m=audio (\d+)/);
    if (this.#closed) return;
    this.audio.connect({
      address: address!,
      port: Number(port),
      rtcpPort: Number(port) + 1,
      ...formatOf(codec),
      direction: 'sendrecv',
      ptime: 20,
    });
  }

  /** Resolves when a message has come that fits; with nothing when the peer is closed before. */
  async received(pattern: RegExp): Promise<void> {
    await this.#received(pattern);
  }

  /** Whether a message has come that fits. */
  async hasReceived(pattern: RegExp): Promise<boolean> {
    return (await this.#find(pattern)) !== undefined;
  }

  /** Resolves when as many messages have come that fit, repetitions too; with nothing when the peer is closed before. */
  async receivedTimes(pattern: RegExp, times: number): Promise<void> {
    while (!this.#closed && (await this.#messages()).filter((one) => pattern.test(one)).length < times)
      await setTimeout(20);
  }

  async #received(pattern: RegExp): Promise<readonly string[]> {
    while (!this.#closed) {
      const found = await this.#find(pattern);
      if (found) return found;
      await setTimeout(20);
    }
    return [];
  }

  async #find(pattern: RegExp): Promise<readonly string[] | undefined> {
    return (await this.#messages()).map((one) => pattern.exec(one)).find((one) => one !== null) ?? undefined;
  }

  /** What has come. */
  async #messages(): Promise<readonly string[]> {
    const log = await readFile(join(this.#directory, 'messages.log'), 'utf8').catch(() => '');
    return log.split(/^-{20,}.*$/m).filter((one) => one.includes('message received'));
  }

  /** Has the scenario go on that waits for this word. */
  async go(word: string): Promise<void> {
    await writeFile(join(this.#directory, word), 'go');
  }

  /** Resolves when its scenario is through; rejects with what sipp says when it went otherwise. */
  async finished(): Promise<void> {
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
    if (this.#child.exitCode === 0) return;
    throw new Error(`sipp ended with ${this.#child.exitCode}: ${await this.#complaint()}`);
  }

  async #complaint(): Promise<string> {
    const errors = await readFile(join(this.#directory, 'errors.log'), 'utf8').catch(() => '');
    return errors || this.#output;
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL');
      await once(this.#child, 'exit');
    }
    await this.audio.close();
    await rm(this.#directory, { recursive: true });
  }
}
