import { type Command, InvalidArgumentError } from 'commander';
import { isListen } from '../addresses/index.ts';

const DEFAULT_LISTEN = '127.0.0.1:2113';

const listenAddress = (text: string): string => {
  if (!isListen(text))
    throw new InvalidArgumentError(`It must be an IP address and a port, for example ${DEFAULT_LISTEN}.`);
  return text;
};

/** `tandem store FILE`: a file that several processes of this machine use as their event store. */
export function registerStore(program: Command): void {
  program
    .command('store')
    .description('Serve an event store in a file to several call routers on this machine.')
    .argument('<file>', 'the SQLite file; it is made when it is not there')
    .option('--listen <address>', 'a loopback address and a port', listenAddress, DEFAULT_LISTEN)
    .addHelpText(
      'after',
      `
It speaks EventStoreDB's protocol without asking anybody who they are, so it listens on this machine only; in
production the routers share an EventStoreDB (KurrentDB) cluster. It runs until SIGINT (Ctrl-C) or SIGTERM; to be
stopped after the routers.

Example:
  tandem store data/us1/events.db
  and in the file of each router    store: esdb://${DEFAULT_LISTEN}?tls=false`,
    )
    .action(async (file: string, { listen }: { listen: string }) => {
      const { runUntilStopped } = await import('../process/index.ts');
      const { runStore } = await import('../store-server/index.ts');
      await runUntilStopped('store', (log) => runStore(file, listen, log));
    });
}
