import { type Command, InvalidArgumentError } from 'commander';

/** Where a command finds the events that it reads. */
export interface StoreOptions {
  readonly store?: string;
  readonly config?: string;
}

/** The configuration file that a command takes when none is named. */
export const DEFAULT_CONFIG = 'main.yaml';

/** Adds the options with which a command is told what store to read. */
export const takesStore = (command: Command): Command =>
  command
    .option('--store <url>', 'the event store itself, for example sqlite:data/us1/events.db')
    .option('--config <file>', 'a main region’s YAML file, which names the store');

export const STORE_HELP = `
The store is the one that --store names, else that of the configuration file --config, else of the file in the
environment's TANDEM_CONFIG, else of ./${DEFAULT_CONFIG}. It is only read: the main region may run meanwhile, or be
gone.`;

/** Where a command about the network finds the REST API, and what it says who it is with. */
export interface NetworkCommandOptions {
  readonly config?: string;
  readonly api?: string;
}

/** Adds the options with which a command is told which router to ask. */
export const asksNetwork = (command: Command): Command =>
  command
    .option('--config <file>', 'a main region’s YAML file, which names its API and an operator’s account')
    .option('--api <url>', 'where the API is, when not where that file has it listen');

export const NETWORK_HELP = `
The router is asked over its REST API, with the first account that the configuration file calls an operator. The
file is that of --config, else of TANDEM_CONFIG, else ./${DEFAULT_CONFIG}.`;

/** A commander parser of whole numbers in a range. */
export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    return value;
  };
