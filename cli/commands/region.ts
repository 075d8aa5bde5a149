import type { Command } from 'commander';

export function registerRegion(program: Command): void {
  program
    .command('region')
    .description('Run a region: its journal, its SIP gateway with media, its link to the main regions.')
    .argument('<file>', 'its YAML file; docs/configuration.md says what is in it')
    .addHelpText(
      'after',
      `
SIGTERM is for a restart: it takes no new calls, waits a while (restartPatience) for those that are being set up, and ends without a
goodbye; started again, it goes on with its calls. SIGINT (Ctrl-C) is for good: it hangs its calls up. To lose none,
have it drained before (tandem drain). A second signal ends it at once.

Examples:
  tandem region ie1.yaml
  TANDEM_LOG=debug TANDEM_MEDIA_PORTS=30000-31999 tandem region ie1.yaml`,
    )
    .action(async (file: string) => {
      const { loadRegionConfig } = await import('../config/index.ts');
      const config = loadRegionConfig(file);
      const { runUntilStopped } = await import('../process/index.ts');
      const { runRegion } = await import('../region/index.ts');
      await runUntilStopped(config.region, (log) => runRegion(config, log));
    });
}
