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

It runs until SIGINT (Ctrl-C) or SIGTERM, then closes in order; a second signal ends it at once.

Examples:
  tandem gateway ie1-gw2.yaml
  TANDEM_CAPACITY=500 tandem gateway ie1-gw2.yaml`,
    )
    .action(async (file: string) => {
      const { loadGatewayConfig } = await import('../config/gateway-config.ts');
      const config = loadGatewayConfig(file);
      const { runUntilStopped } = await import('../run-until-stopped.ts');
      const { runRegion } = await import('../run-region.ts');
      await runUntilStopped(`${config.region}/${config.gateway}`, (log) => runRegion(config, log));
    });
}
