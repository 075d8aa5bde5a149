import { type Command, InvalidArgumentError } from 'commander';

interface PruneOptions {
  /** Milliseconds. */
  readonly olderThan: Age;
  readonly dryRun?: boolean;
  readonly config?: string;
}

/** A length of time, and how it was written. */
interface Age {
  readonly milliseconds: number;
  readonly written: string;
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `tandem prune`: archives the calls of a main region that ended long ago. */
export function registerPrune(program: Command): void {
  program
    .command('prune')
    .description('Archive the calls that ended long ago: lists keep them, their events are removed.')
    .requiredOption('--older-than <age>', 'calls that ended so long ago: 30d, 12h or 90m', age)
    .option('--dry-run', 'only list what would go')
    .option('--config <file>', 'the main region’s YAML file, which names the store')
    .addHelpText(
      'after',
      `
A main region does this itself about once an hour, with the age that retention.calls in its configuration says; this
command is for another age, once. A store in a file is open in its main region while that runs: --dry-run works then, and
to archive, stop the main region or change retention.calls. Routers of an EventStoreDB cluster may run meanwhile.
What is removed cannot be brought back, other than from a backup. The configuration is the one that --config names, else
the file in the environment's TANDEM_CONFIG, else ./main.yaml.

Examples:
  tandem prune --older-than 30d --dry-run
  tandem prune --older-than 30d --config us1.yaml`,
    )
    .action(async (options: PruneOptions) => {
      const { prune } = await import('../pruning/index.ts');
      await prune(options);
    });
}

function age(written: string): Age {
  const [, count = '', unit = ''] = /^(\d{1,6})([mhd])$/.exec(written) ?? [];
  const milliseconds = Number(count) * (UNITS[unit] ?? Number.NaN);
  if (Number.isNaN(milliseconds) || count === '')
    throw new InvalidArgumentError(
      'It must be a number with d, h or m for days, hours or minutes, for example 30d.',
    );
  return { milliseconds, written };
}
