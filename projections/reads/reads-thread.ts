import { parentPort, workerData } from 'node:worker_threads';
import { TandemError } from '@tandem/actors/errors';
import type { EventStore } from '@tandem/actors/stores/event-store';
import { openEventStore } from '@tandem/actors/stores/open';
import { openCallsReader } from '../calls/index.ts';
import { answerRead } from './answer-read.ts';
import type { ReadsAnswer, ReadsData, ReadsQuestion } from './reads.ts';

// Answers one request after the other. What is opened here is closed with the thread.

const { file, store: url, limit } = workerData as ReadsData;
const calls = openCallsReader({ file });
let opened: Promise<EventStore> | undefined;

async function answer({ accountSid, request }: ReadsQuestion): Promise<ReadsAnswer> {
  const end = performance.now() + limit;
  const goOn = (): void => {
    if (performance.now() > end) throw new TandemError('api.too-slow', { seconds: limit / 1000 });
  };
  const store = (): Promise<EventStore> => {
    opened ??= openEventStore(url, { readOnly: true });
    return opened;
  };
  try {
    const found = await answerRead({ calls, store, goOn }, accountSid, request);
    return { json: new TextEncoder().encode(JSON.stringify(found)) };
  } catch (error) {
    if (error instanceof TandemError) return { code: error.code, params: error.params };
    return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

parentPort!.on('message', (question: ReadsQuestion) => {
  void answer(question).then((answered) =>
    parentPort!.postMessage(answered, 'json' in answered ? [answered.json.buffer as ArrayBuffer] : []),
  );
});
