import type { LatchRule } from '../media/index.ts';
import { asNetwork } from './media-reach.ts';

/** Who may be heard as the media of a leg, beside the address in its SDP. */
export interface MediaSources {
  readonly latch: LatchRule;
  /** Networks (CIDR) that are the peer's own. */
  readonly networks: readonly string[];
}

/** Whose media a leg over a trunk takes; `host` is the one that its peer signals from, when that is known. */
export type SourcesOf = (trunk: string | undefined, host: string | undefined) => MediaSources;

/** Makes that rule of what trunks say: `address` is `host:port`, `allow` the networks that the provider calls from. */
export function createMediaSources(
  trunks: readonly {
    readonly name: string;
    readonly address: string;
    readonly allow: readonly string[];
    readonly latch: LatchRule;
  }[],
): SourcesOf {
  const own = new Map(
    trunks.map(({ name, address, allow, latch }) => [
      name,
      { latch, networks: [...allow, ...asNetwork(address)] },
    ]),
  );
  return (trunk = '', host = '') => {
    const { latch, networks } = own.get(trunk) ?? { latch: 'host', networks: [] };
    return { latch, networks: [...new Set([...networks, ...asNetwork(host)])] };
  };
}
