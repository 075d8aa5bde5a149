import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';

const port = (text: string): number => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1024 && value <= 65535) return value;
  throw new InvalidArgumentError('A port is a whole number from 1024 to 65535.');
};

/** `tandem demo`: a whole network on one machine, and a call through it. */
export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description('Start a main region and a local region on this machine, and make a call through them.')
    .option('--once', 'end after that call instead of waiting for yours', false)
    .option('--sip-port <port>', 'where the region takes calls', port, 5060)
    .option('--api-port <port>', 'where the REST API listens', port, 8080)
    .option('--phone-port <port>', 'where the phone that is called listens', port, 5070)
    .option(
      '--data <directory>',
      'where stores and configuration go; an earlier demo’s are removed',
      join('.tandem', 'demo'),
    )
    .addHelpText(
      'after',
      `
Examples:
  tandem demo                     make a call, then wait for yours at sip:+15550100@127.0.0.1
  tandem demo --once              make a call and end
  tandem demo --sip-port 5160     when something else has port 5060`,
    )
    .action(
      async (options: {
        once: boolean;
        sipPort: number;
        apiPort: number;
        phonePort: number;
        data: string;
      }) => {
        const { runDemo } = await import('../demo/index.ts');
        await runDemo({
          ports: { sip: options.sipPort, api: options.apiPort, callee: options.phonePort },
          once: options.once,
          directory: options.data,
        });
      },
    );
}
