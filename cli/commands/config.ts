import { isIP } from 'node:net';
import type { Command } from 'commander';

/** Media has one address, so it takes one family of them. */
const sayMediaFamily = (address: string): string => {
  const ours = isIP(address);
  return `Media is at ${address}: calls whose SDP has an IPv${ours} address are taken, those with IPv${ours === 4 ? 6 : 4} alone are refused with 488.`;
};

export function registerConfig(program: Command): void {
  const config = program.command('config').description('Work with configuration files.');
  config
    .command('check')
    .description('Say what is wrong with a configuration file, all at once, with places and what to write.')
    .argument('<file>', 'a main region’s or a region’s YAML file')
    .addHelpText(
      'after',
      `
The environment counts as it does when the file is used: \${NAME} in the file and TANDEM_… over its keys.
Which keys there are is in docs/configuration.md.

Examples:
  tandem config check us1.yaml
  TANDEM_API_LISTEN=127.0.0.1:8081 tandem config check us1.yaml`,
    )
    .action(async (file: string) => {
      const { checkConfig, kindOf, readConfig } = await import('../config/index.ts');
      const text = readConfig(file);
      const kind = kindOf(file, text);
      if (kind === 'main') {
        checkConfig(kind, file, text);
        console.log(`${file} is in order (a main region).`);
      } else {
        const { media } = checkConfig(kind, file, text);
        console.log(`${file} is in order (a region).\n${sayMediaFamily(media.advertise ?? media.bind)}`);
      }
    });
}
