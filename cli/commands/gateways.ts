import type { Command } from 'commander';
import { asksNetwork, NETWORK_HELP, type NetworkCommandOptions } from '../command-line/index.ts';

/** `tandem gateways`: who is there, how loaded, how well. */
export function registerGateways(program: Command): void {
  asksNetwork(program.command('gateways'))
    .description('List the gateways: whether they take calls, how many they have, and how their trunks do.')
    .option('--json', 'the answer of the API, in place of a table')
    .addHelpText(
      'after',
      `${NETWORK_HELP}

CONTESTED counts the legs, since the gateway started, to which somebody else sent media, too. It was not heard: the
history of each such call says from where it came (MediaContested), and its end how many packets there were.

Examples:
  tandem gateways
  tandem gateways --config us1.yaml --json`,
    )
    .action(async (options: NetworkCommandOptions & { json?: boolean }) => {
      const { networkClient } = await import('../network/index.ts');
      const { gatewayTable, lookOf } = await import('../views/index.ts');
      const answer = await (await networkClient(options)).get('/v1/gateways');
      const { gateways } = (await answer.json()) as { gateways: Parameters<typeof gatewayTable>[0] };
      if (options.json) console.log(JSON.stringify(gateways, null, 2));
      else console.log(gatewayTable(gateways, lookOf(process.stdout)).join('\n'));
    });
}
