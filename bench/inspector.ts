import { once } from 'node:events';
import type { TandemProcess } from '@tandem/e2e/harness/process.ts';

/** What processes are to be started with, so that they can be asked about their memory. */
export const WITH_INSPECTOR = '--inspect=127.0.0.1:0';

export interface Memory {
  /** Resident bytes of the process. */
  readonly resident: number;
  /** Bytes that are in use on the main thread's heap. */
  readonly heap: number;
}

/** Has a process collect its garbage, and asks what memory it has then (Chrome DevTools protocol). */
export async function memoryOf(process: TandemProcess): Promise<Memory> {
  const listening = process.output.find((line) => line.includes('ws://'))!;
  const socket = new WebSocket(/ws:\S+/.exec(listening)![0]);
  await once(socket, 'open');
  try {
    await ask(socket, 1, 'HeapProfiler.collectGarbage', {});
    const expression = '(({ rss, heapUsed }) => ({ resident: rss, heap: heapUsed }))(process.memoryUsage())';
    const answer = await ask(socket, 2, 'Runtime.evaluate', { expression, returnByValue: true });
    return (answer as { result: { value: Memory } }).result.value;
  } finally {
    socket.close();
  }
}

function ask(socket: WebSocket, id: number, method: string, params: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const read = ({ data }: MessageEvent): void => {
      const answer = JSON.parse(data);
      if (answer.id !== id) return;
      socket.removeEventListener('message', read);
      if (answer.error) reject(new Error(answer.error.message));
      else resolve(answer.result);
    };
    socket.addEventListener('message', read);
    socket.send(JSON.stringify({ id, method, params }));
  });
}
