import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TandemError } from '@tandem/actors/errors';
import { readWav } from '../files/index.ts';
import { FairTurns } from '../threads/index.ts';
import { type SpeechRequest, type SpeechSynthesizer, textToSay } from './speech.ts';
import { chooseVoice } from './voices.ts';

export interface ProgramSynthesizerOptions {
  /** A program that reads text from its standard input and writes a WAV file. */
  readonly command: string;
  /**
   * The argument `{voice}` stands for the engine's name of the voice, `{output}` for the file to write; without the
   * latter the program writes to its standard output.
   */
  readonly args: readonly string[];
  /** The engine's voice for a request, Flite's unless given; what callers write never becomes an argument. */
  readonly voice?: (voice?: string, language?: string) => { readonly name: string; readonly note?: string };
  /** Milliseconds that one text may take; 30 seconds unless given. */
  readonly timeLimit?: number;
}

/** How Debian's `flite` is run: the same voices as the ones that are built in, as native code. */
export const DEBIAN_FLITE: ProgramSynthesizerOptions = {
  command: 'flite',
  args: ['-voice', '{voice}', '-f', '-', '-o', '{output}'],
};

/** Programs that run at the same time, and texts that may wait for one. */
const MOST_RUNNING = 2;
const MOST_WAITING = { inAll: 4096, perAccount: 1024 };
const OUTPUT_LIMIT = 60_000_000;
const MESSAGES_LIMIT = 200;

/** Speaks with a program of the machine, one process a text. */
export const createProgramSynthesizer = (options: ProgramSynthesizerOptions): SpeechSynthesizer => {
  const running = new Set<ChildProcess>();
  const turns = new FairTurns(MOST_RUNNING, MOST_WAITING);
  let closed = false;

  const speak = async (
    text: string,
    voice: { readonly name: string },
    signal?: AbortSignal,
  ): Promise<Uint8Array> => {
    try {
      if (closed) throw new TandemError('media.closed', {});
      return await withOutput(options, voice.name, (args) => run(options, { args, text, running, signal }));
    } catch (error) {
      throw closed ? new TandemError('media.closed', {}) : error;
    }
  };

  return {
    async synthesize(request: SpeechRequest) {
      if (closed) throw new TandemError('media.closed', {});
      const text = textToSay(request);
      const voice = (options.voice ?? chooseVoice)(request.voice, request.language);
      const { asker, signal } = request;
      const said = await turns.run(() => speak(text, voice, signal), asker, signal);
      return { ...readWav(said), note: voice.note };
    },
    async close() {
      closed = true;
      const ended = [...running].map((child) => new Promise((resolve) => child.once('close', resolve)));
      for (const child of running) child.kill('SIGKILL');
      await Promise.all(ended);
    },
  };
};

/** Puts in the arguments what stands for them, and gives what the program wrote: its file when it was given one. */
const withOutput = async (
  { args }: ProgramSynthesizerOptions,
  voice: string,
  speak: (args: readonly string[]) => Promise<Uint8Array>,
): Promise<Uint8Array> => {
  const named = args.map((argument) => (argument === '{voice}' ? voice : argument));
  if (!named.includes('{output}')) return speak(named);
  const directory = await mkdtemp(join(tmpdir(), 'tandem-speech-'));
  try {
    const file = join(directory, 'speech.wav');
    await speak(named.map((argument) => (argument === '{output}' ? file : argument)));
    const { size } = await stat(file).catch(() => ({ size: 0 }));
    if (size > OUTPUT_LIMIT) throw tooMuch();
    return size === 0 ? new Uint8Array(0) : await readFile(file);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

const TOO_MUCH = `it wrote more than ${OUTPUT_LIMIT} bytes`;
const tooMuch = () => new TandemError('media.speech-failed', { detail: TOO_MUCH });

/** One run of the program, with bounds on time and output. @throws media.speech-failed */
const run = (
  { command, timeLimit = 30_000 }: ProgramSynthesizerOptions,
  {
    args,
    text,
    running,
    signal,
  }: {
    readonly args: readonly string[];
    readonly text: string;
    readonly running: Set<ChildProcess>;
    readonly signal?: AbortSignal;
  },
): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args);
    const takeBack = (): boolean => child.kill('SIGKILL');
    signal?.addEventListener('abort', takeBack);
    // Our own timer: Node's `timeout` is not cleared when the program cannot be started.
    const deadline = setTimeout(() => child.kill('SIGKILL'), timeLimit);
    running.add(child);
    const output: Buffer[] = [];
    let size = 0;
    let messages = '';
    let fault: string | undefined;
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= OUTPUT_LIMIT) output.push(chunk);
      else {
        fault = TOO_MUCH;
        child.kill('SIGKILL');
      }
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (messages.length < MESSAGES_LIMIT) messages += chunk.toString('latin1', 0, MESSAGES_LIMIT);
    });
    child.on('error', (error) => {
      fault = `${command} cannot be run: ${error.message}`;
    });
    // A program that does not read its text to the end says so by its exit.
    child.stdin.on('error', () => {});
    child.stdin.end(text);
    child.on('close', (code, killedBy) => {
      clearTimeout(deadline);
      running.delete(child);
      signal?.removeEventListener('abort', takeBack);
      if (code === 0 && fault === undefined) return resolve(Buffer.concat(output));
      const detail = fault ?? `${command} ended with ${code ?? killedBy}: ${messages.trim()}`;
      reject(new TandemError('media.speech-failed', { detail }));
    });
  });
