import { ensureDevelopmentCertificates } from '@tandem/actors/link/certificates.ts';
import type { Command } from 'commander';

/** `tandem certs DIRECTORY`: certificates for the region link on machines of one's own. */
export function registerCerts(program: Command): void {
  program
    .command('certs')
    .description('Make development certificates for the link: an authority, and one certificate a region.')
    .argument('<directory>', 'where to put them; what is there and still good is kept')
    .requiredOption('--main <name>', 'name of the main region')
    .requiredOption('--region <name...>', 'names of the regions')
    .option('--host <host...>', 'names and addresses, besides localhost, at which they are reached', [])
    .addHelpText('after', '\nExample:\n  tandem certs data/certificates --main us1 --region ie1')
    .action(async (directory: string, names: { main: string; region: string[]; host: string[] }) => {
      const made = await ensureDevelopmentCertificates(directory, {
        main: names.main,
        regions: names.region,
        hosts: names.host,
      });
      for (const [name, files] of Object.entries(made)) console.log(`${name}: ${files.cert}`);
    });
}
