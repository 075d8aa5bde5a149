import { parentPort } from 'node:worker_threads';
import type { ReadsAnswer, ReadsQuestion } from '../reads.ts';

// Answers nothing to some accounts, as a disk that hangs would have it, ends for others, and answers the rest.

parentPort!.on('message', ({ accountSid }: ReadsQuestion) => {
  if (accountSid === 'hangs') for (;;);
  if (accountSid === 'ends') process.exit(1);
  const answer: ReadsAnswer = { json: new TextEncoder().encode(JSON.stringify(accountSid)) };
  parentPort!.postMessage(answer);
});
