import type { Command } from 'commander';

export function registerGateway(program: Command): void {
  program
    .command('gateway')
    .description(
      'Run a further gateway of a region, which reaches the main regions through the region’s border.',
    )
    .argument(
      '<file>',
      'its YAML file: as a region’s, with link.border; docs/configuration.md says what is in it',
    )
    .addHelpText(
      'after',
      `
The region itself runs with tandem region, and has the group border in its file. Each gateway has a name, a
directory for its journal, and SIP and media ports of its own.

SIGTERM is for a restart: it takes no new calls, waits a while (restartPatience) for those that are being set up, and ends without a
goodbye; started again, it goes on with its calls. SIGINT (Ctrl-C) is for good: it hangs its calls up. To lose none,
have it drained before (tandem drain). A second signal ends it at once.

Examples:
  tandem gateway ie1-gw2.yaml
  TANDEM_CAPACITY=500 tandem gateway ie1-gw2.yaml`,
    )
    .action(async (file: string) => {
      const { loadGatewayConfig } = await import('../config/index.ts');
      const config = loadGatewayConfig(file);
      const { runUntilStopped } = await import('../process/index.ts');
      const { runRegion } = await import('../region/index.ts');
      await runUntilStopped(`${config.region}/${config.gateway}`, (log) => runRegion(config, log));
    });
}
