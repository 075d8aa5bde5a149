import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Audio, readWav } from '@tandem/gateways/audio/files';

/** A codec as baresip names it, the module that has it, and the rate of the sound that goes in and out. */
const CODECS = {
  PCMU: { name: 'PCMU/8000/1', module: 'g711.so', sampleRate: 8000 },
  G722: { name: 'G722/16000/1', module: 'g722.so', sampleRate: 16_000 },
  opus: { name: 'opus/48000/2', module: 'opus.so', sampleRate: 48_000 },
};

/** A telephone of other people's making, which answers by itself, plays a file and records what it hears. */
export class Baresip {
  readonly #child: ChildProcess;
  readonly #directory: string;

  private constructor(child: ChildProcess, directory: string) {
    this.#child = child;
    this.#directory = directory;
  }

  /** A telephone that has one codec; `says` makes a WAV file of a rate. */
  static async start(
    port: number,
    says: (sampleRate: number) => Buffer,
    codec: keyof typeof CODECS = 'PCMU',
  ): Promise<Baresip> {
    const { name, module, sampleRate } = CODECS[codec];
    const directory = await mkdtemp(join(tmpdir(), 'tandem-baresip-'));
    const source = join(directory, 'says.wav');
    await writeFile(source, says(sampleRate));
    await writeFile(
      join(directory, 'accounts'),
      `<sip:phone@127.0.0.1>;regint=0;answermode=auto;audio_codecs=${name}\n`,
    );
    await writeFile(join(directory, 'contacts'), '');
    await writeFile(
      join(directory, 'config'),
      [
        'poll_method epoll',
        `sip_listen 127.0.0.1:${port}`,
        'net_interface 127.0.0.1',
        'module_path /usr/lib/baresip/modules',
        `module ${module}`,
        'module aufile.so',
        'module aubridge.so',
        'module sndfile.so',
        `snd_path ${directory}`,
        'module_app account.so',
        'module_app menu.so',
        `audio_source aufile,${source}`,
        'audio_player aubridge,heard',
        'audio_alert aubridge,alert',
        `ausrc_srate ${sampleRate}`,
        `auplay_srate ${sampleRate}`,
        'ausrc_channels 1',
        'auplay_channels 1',
        '',
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

  /** Ends it, which finishes its recording, and says what it heard. */
  async heard(): Promise<Audio> {
    await this.#stop();
    const files = await readdir(this.#directory);
    const recording = files.find((file) => file.endsWith('-dec.wav'));
    return readWav(await readFile(join(this.#directory, recording!)));
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
