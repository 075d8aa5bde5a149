import { Command } from 'commander';
import { registerConfig } from './commands/config.ts';
import { registerTest } from './commands/test.ts';
import manifest from './package.json' with { type: 'json' };

/** The whole command line. Each file of `commands/` adds its own part. */
export function createProgram(): Command {
  const program = new Command('tandem')
    .description('A distributed telephony network: every call is a stream of events that can be replayed.')
    .version(manifest.version)
    .showHelpAfterError('Run it with --help to see what it takes.')
    .exitOverride()
    .addHelpText(
      'after',
      `
Examples:
  tandem test                        check everything: lint, types, tests
  tandem config check us1.yaml       say what is wrong with a configuration file

Exit status: 0 done, 1 failed, 2 wrong usage.`,
    );
  for (const register of [registerTest, registerConfig]) register(program);
  return program;
}
