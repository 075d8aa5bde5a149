import type { Command } from 'commander';
import { asksNetwork, NETWORK_HELP, type NetworkCommandOptions } from '../command-line/index.ts';

/** `tandem drain`: no new calls for a gateway. */
export function registerDrain(program: Command): void {
  asksNetwork(program.command('drain'))
    .description('Have a gateway take no new calls and keep those that it has; or take new ones again.')
    .argument('<gateway>', 'the gateway with its region, for example ie1/gw2')
    .option('--resume', 'take new calls again')
    .addHelpText(
      'after',
      `${NETWORK_HELP}

A gateway drains until it is told to resume, also when it is restarted meanwhile. tandem gateways says how many
legs it still has. Providers who ask with OPTIONS hear 503 as long.

Examples:
  tandem drain ie1/gw2
  tandem drain --resume ie1/gw2`,
    )
    .action(async (gateway: string, options: NetworkCommandOptions & { resume?: boolean }) => {
      const { networkClient } = await import('../network/index.ts');
      const [region = '', name = ''] = gateway.split('/').map(encodeURIComponent);
      const path = `/v1/gateways/${region}/${name}/drain${options.resume ? '?resume=true' : ''}`;
      const answer = await (await networkClient(options)).post(path);
      const said = (await answer.json()) as { changed: boolean; gateway: { legs: number } };
      const now = options.resume ? 'takes new calls' : `drains; it has ${said.gateway.legs} legs`;
      console.log(`${gateway} ${said.changed ? now : `${now} (it did before)`}`);
    });
}
