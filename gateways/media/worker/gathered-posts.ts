import type { Transferable } from 'node:worker_threads';

/**
 * Posts what is said to another thread in one turn of the event loop as one message, in order: waking a thread
 * costs more than what it is told.
 */
export function gatheredPosts<M>(post: (messages: readonly M[], transfer: readonly Transferable[]) => void) {
  let messages: M[] = [];
  let transfers: Transferable[] = [];
  const flush = (): void => {
    const [said, transferred] = [messages, transfers];
    messages = [];
    transfers = [];
    post(said, transferred);
  };
  return (message: M, transfer: readonly Transferable[] = []): void => {
    if (messages.push(message) === 1) setImmediate(flush);
    transfers.push(...transfer);
  };
}
