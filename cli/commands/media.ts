import type { Command } from 'commander';

export function registerMedia(program: Command): void {
  program
    .command('media')
    .description('Run the media part of a gateway apart from its signalling.')
    .argument('<file>', 'the YAML file of the gateway, with media.control: where this part listens')
    .addHelpText(
      'after',
      `
The signalling part is started with the same file: tandem region, or tandem gateway. When it is killed and started
again, those who talk go on talking meanwhile. When this part is, the signalling part ends and is to be started again.

It runs until SIGINT (Ctrl-C) or SIGTERM, then closes in order; a second signal ends it at once. To restart the
signalling part alone keeps conversations, to restart this one interrupts them.

Examples:
  tandem media ie1.yaml
  TANDEM_MEDIA_CONTROL=127.0.0.1:7550 tandem media ie1.yaml`,
    )
    .action(async (file: string) => {
      const { loadMediaConfig } = await import('../config/index.ts');
      const config = loadMediaConfig(file);
      const { runUntilStopped } = await import('../process/index.ts');
      const { runMedia } = await import('../region/index.ts');
      await runUntilStopped(`${config.region}/${config.gateway}`, (log) => runMedia(config, log));
    });
}
