import type { EventStore } from '@tandem/actors/stores/event-store.ts';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite-event-store.ts';
import { type Command, InvalidArgumentError } from 'commander';

/** Where a command finds the events that it reads. */
export interface StoreOptions {
  readonly store?: string;
  readonly config?: string;
}

const DEFAULT_CONFIG = 'main.yaml';

/** Adds the options with which a command is told what store to read. */
export const takesStore = (command: Command): Command =>
  command
    .option('--store <url>', 'the event store itself, for example sqlite:data/us1/events.db')
    .option('--config <file>', 'a main region’s YAML file, which names the store');

export const STORE_HELP = `
The store is the one that --store names, else that of the configuration file --config, else of the file in the
environment's TANDEM_CONFIG, else of ./${DEFAULT_CONFIG}. It is only read: the main region may run meanwhile, or be
gone.`;

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
  if (url.startsWith('sqlite:')) {
    const file = url.slice('sqlite:'.length);
    return openSqliteEventStore({ file, readOnly: true });
  }
  const { openEventStore } = await import('@tandem/actors/stores/open-event-store.ts');
  return openEventStore(url);
}

async function storeOf(file: string): Promise<string> {
  const { loadConfig } = await import('./config/load.ts');
  return loadConfig('main', file).store;
}

/** A commander parser of whole numbers in a range. */
export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    return value;
  };
