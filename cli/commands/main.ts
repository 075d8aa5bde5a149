import type { Command } from 'commander';

export function registerMain(program: Command): void {
  program
    .command('main')
    .description('Run a main region: the event store, the call router, the link that regions connect to.')
    .argument('<file>', 'its YAML file; docs/configuration.md says what is in it')
    .addHelpText(
      'after',
      `
It runs until SIGINT (Ctrl-C) or SIGTERM, then closes in order; a second signal ends it at once. Calls go on in any
case: at another router of the main region, or here when it is started again.

Examples:
  tandem main us1.yaml
  TANDEM_LOG=debug TANDEM_API_LISTEN=127.0.0.1:8081 tandem main us1.yaml`,
    )
    .action(async (file: string) => {
      const { loadConfig } = await import('../config/index.ts');
      const config = loadConfig('main', file);
      const { runUntilStopped } = await import('../process/index.ts');
      const { runMain } = await import('../main-region/index.ts');
      await runUntilStopped(config.main, (log) => runMain(config, log));
    });
}
