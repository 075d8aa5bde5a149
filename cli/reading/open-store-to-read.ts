import type { EventStore } from '@tandem/actors/stores/event-store';
import { openEventStore } from '@tandem/actors/stores/open';
import { DEFAULT_CONFIG, type StoreOptions } from '../command-line/index.ts';

/**
 * Opens the event store that a command was pointed to, only to be read.
 *
 * @throws config.*, store.invalid-url, store.unavailable
 */
export async function openStoreToRead(
  { store, config }: StoreOptions,
  env: NodeJS.ProcessEnv = process.env,
): Promise<EventStore> {
  const url = store ?? (await storeOf(config ?? env.TANDEM_CONFIG ?? DEFAULT_CONFIG));
  return openEventStore(url, { readOnly: true });
}

async function storeOf(file: string): Promise<string> {
  const { loadConfig } = await import('../config/index.ts');
  return loadConfig('main', file).store;
}
