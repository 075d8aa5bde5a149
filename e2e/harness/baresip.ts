import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readWav } from '@tandem/gateways/audio/wav.ts';

/** A telephone of other people's making, which answers by itself, plays a file and records what it hears. */
export class Baresip {
  readonly #child: ChildProcess;
  readonly #directory: string;

  private constructor(child: ChildProcess, directory: string) {
    this.#child = child;
    this.#directory = directory;
  }

  /** `says` is a WAV file at 8 kHz. */
  static async start(port: number, says: Buffer): Promise<Baresip> {
    const directory = await mkdtemp(join(tmpdir(), 'tandem-baresip-'));
    const source = join(directory, 'says.wav');
    await writeFile(source, says);
    await writeFile(
      join(directory, 'accounts'),
      '<sip:phone@127.0.0.1>;regint=0;answermode=auto;audio_codecs=PCMU/8000/1\n',
    );
    await writeFile(join(directory, 'contacts'), '');
    await writeFile(
      join(directory, 'config'),
      [
        ...['poll_method epoll', `sip_listen 127.0.0.1:${port}`, 'net_interface 127.0.0.1'],
        ...['module_path /usr/lib/baresip/modules', 'module g711.so', 'module aufile.so'],
        ...['module aubridge.so', 'module sndfile.so', `snd_path ${directory}`],
        ...['module_app account.so', 'module_app menu.so'],
        ...[`audio_source aufile,${source}`, 'audio_player aubridge,heard', 'audio_alert aubridge,alert'],
        ...['ausrc_srate 8000', 'auplay_srate 8000', 'audio_channels 1', ''],
      ].join('\n'),
    );
    const child = spawn('baresip', ['-f', directory], { stdio: ['ignore', 'pipe', 'pipe'] });
    const started = new Baresip(child, directory);
    await started.#ready();
    return started;
  }

  async #ready(): Promise<void> {
    let output = '';
    for await (const chunk of this.#child.stdout!) {
      output += chunk;
      if (output.includes('baresip is ready')) return void this.#child.stdout!.resume();
    }
    throw new Error(`baresip did not start: ${output}`);
  }

  /** Ends it, which finishes its recording, and says what it heard, at 8 kHz. */
  async heard(): Promise<Int16Array> {
    await this.#stop();
    const files = await readdir(this.#directory);
    const recording = files.find((file) => file.endsWith('-dec.wav'));
    return readWav(await readFile(join(this.#directory, recording!))).samples;
  }

  async close(): Promise<void> {
    await this.#stop();
    await rm(this.#directory, { recursive: true });
  }

  async #stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGTERM');
    await once(this.#child, 'exit');
  }
}
