import type { Command } from 'commander';

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
      const { checkConfig, kindOf, readConfig } = await import('../config/load.ts');
      const text = readConfig(file);
      const kind = kindOf(file, text);
      checkConfig(kind, file, text);
      console.log(`${file} is in order (${kind === 'main' ? 'a main region' : 'a region'}).`);
    });
}
