import type { Command } from 'commander';
import { asksNetwork, NETWORK_HELP, type NetworkCommandOptions, wholeNumber } from '../command-line/index.ts';

/** `tandem dns`: zone-file text that leads callers to the nearest healthy gateway. */
export function registerDns(program: Command): void {
  asksNetwork(program.command('dns'))
    .description(
      'Write DNS records (NAPTR, SRV, A, AAAA) that lead callers to the nearest gateway that takes calls.',
    )
    .requiredOption('--domain <name>', 'the zone in which the regions are names, for example sip.example.com')
    .option('--ttl <seconds>', 'how long the records may be kept, 1 to 86400', wholeNumber(1, 86_400), 30)
    .addHelpText(
      'after',
      `${NETWORK_HELP}

Weights follow the room that gateways have; who is down, drains or is full is left out. Run it as often as the
records should follow, and have the name server load what it writes.

Example:
  tandem dns --domain sip.example.com > sip.example.com.records`,
    )
    .action(async (options: NetworkCommandOptions & { domain: string; ttl: number }) => {
      const { networkClient } = await import('../network/index.ts');
      const query = new URLSearchParams({ domain: options.domain, ttl: String(options.ttl) });
      const answer = await (await networkClient(options)).get(`/v1/dns?${query}`);
      process.stdout.write(await answer.text());
    });
}
