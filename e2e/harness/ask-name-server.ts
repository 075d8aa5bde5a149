import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';

// Imported by a process before its own code: its resolvers ask the name server of a test in place of resolv.conf's.

const server = process.env.E2E_NAME_SERVER!;

dns.promises.Resolver = class extends dns.promises.Resolver {
  constructor(options?: dns.ResolverOptions) {
    super(options);
    this.setServers([server]);
  }
};
syncBuiltinESMExports();
