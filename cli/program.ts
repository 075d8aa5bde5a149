import { Command } from 'commander';
import { version } from './command-line/index.ts';
import {
  registerCall,
  registerCalls,
  registerCerts,
  registerConfig,
  registerDemo,
  registerDns,
  registerDrain,
  registerGateway,
  registerGateways,
  registerMain,
  registerMedia,
  registerPrune,
  registerRegion,
  registerReplay,
  registerStore,
  registerTest,
} from './commands/index.ts';

/** The whole command line. Each file of `commands/` adds its own part. */
export function createProgram(): Command {
  const program = new Command('tandem')
    .description('A distributed telephony network: every call is a stream of events that can be replayed.')
    .version(version)
    .showHelpAfterError('Run it with --help to see what it takes.')
    .exitOverride()
    .addHelpText(
      'after',
      `
Examples:
  tandem demo                        a whole network on this machine, and a call through it
  tandem test                        check everything: lint, types, tests
  tandem main us1.yaml               run a main region
  tandem store data/us1/events.db    let several routers of a main region share a file
  tandem region ie1.yaml             run a region
  tandem gateway ie1-gw2.yaml        run a further gateway of a region
  tandem media ie1.yaml              run the media part of a gateway apart
  tandem gateways                    list the gateways, how loaded and how well they are
  tandem drain ie1/gw2               have a gateway take no new calls
  tandem certs data/certificates --main us1 --region ie1
  tandem config check us1.yaml       say what is wrong with a configuration file
  tandem calls                       list the newest calls
  tandem call CA…                    tell what happened in a call
  tandem replay CA… --at 12          show the state that a call was in
  tandem prune --older-than 30d      archive the calls that ended long ago

Exit status: 0 done, 1 failed, 2 wrong usage.`,
    );
  for (const register of [
    registerDemo,
    registerTest,
    registerMain,
    registerStore,
    registerRegion,
    registerGateway,
    registerMedia,
    registerGateways,
    registerDrain,
    registerDns,
    registerCerts,
    registerConfig,
    registerCalls,
    registerCall,
    registerReplay,
    registerPrune,
  ])
    register(program);
  return program;
}
