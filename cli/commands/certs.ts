import { type Command, InvalidArgumentError } from 'commander';

const gatewayNames = (text: string, before: readonly string[]): string[] => {
  if (!/^[a-z][a-z0-9]{0,31}\/[a-z][a-z0-9]{0,31}$/.test(text))
    throw new InvalidArgumentError('It must be a region and a gateway of it, for example ie1/gw2.');
  return [...before, text];
};

/** `tandem certs DIRECTORY`: certificates for the region link on machines of one's own. */
export function registerCerts(program: Command): void {
  program
    .command('certs')
    .description('Make development certificates for the link: an authority, and one certificate a region.')
    .argument('<directory>', 'where to put them; what is there and still good is kept')
    .requiredOption('--main <name>', 'name of the main region')
    .requiredOption('--region <name...>', 'names of the regions')
    .option('--gateway <name...>', 'gateways that get one for themselves alone, as ie1/gw2', gatewayNames, [])
    .option('--host <host...>', 'names and addresses, besides localhost, at which they are reached', [])
    .addHelpText('after', '\nExample:\n  tandem certs data/certificates --main us1 --region ie1')
    .action(
      async (
        directory: string,
        names: { main: string; region: string[]; gateway: string[]; host: string[] },
      ) => {
        const { ensureDevelopmentCertificates } = await import('@tandem/actors/peers');
        const made = await ensureDevelopmentCertificates(directory, {
          main: names.main,
          regions: names.region,
          gateways: names.gateway,
          hosts: names.host,
        });
        for (const [name, files] of Object.entries(made)) console.log(`${name}: ${files.cert}`);
      },
    );
}
