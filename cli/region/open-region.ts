import { regionKind } from '@tandem/actors/machines/region';
import { regionStream } from '@tandem/actors/names';
import type { LinkTls } from '@tandem/actors/peers';
import type { ActorSystem, Message } from '@tandem/actors/runtime';
import { type Border, type BorderOptions, openBorder } from '@tandem/gateways/border';
import type { MainRegion } from '@tandem/gateways/uplink';
import { parseHostPort } from '../addresses/index.ts';
import { version } from '../command-line/index.ts';
import type { RegionConfig } from '../config/index.ts';
import type { Log } from '../log/index.ts';
import { regionFacts } from './gateway-facts.ts';

export interface OpenRegionOptions {
  readonly config: RegionConfig;
  readonly node: string;
  readonly mains: readonly MainRegion[];
  readonly tls: LinkTls;
  readonly system: ActorSystem;
  /** The speech service of this gateway, for other regions. */
  readonly speak: BorderOptions['speak'];
  /** A way to another region has changed. */
  readonly onChange: () => void;
  readonly log: Log;
}

/** What only the first gateway's process of a region has: the region's actor, and its border if it has one. */
export interface OpenRegion {
  /** Tells the region's actor. */
  note(message: Message): void;
  /** The ways to other regions. */
  routes(): ReturnType<Border['routes']>;
  /** As the border's; there is one. */
  speak: Border['speak'];
  /** Says that the region stops; the border goes on. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** To be called before actors are recovered. */
export const registerRegionActor = (system: ActorSystem): void => system.register(regionKind, {});

/** Starts a region's actor and opens its border. @throws link.listen-failed */
export async function openRegion(options: OpenRegionOptions): Promise<OpenRegion> {
  const { config, node, system, mains, speak, log, onChange } = options;
  const stream = regionStream(config.region);
  const note = (message: Message): void => {
    system
      .tell(stream, message)
      .catch((error) => log.error({ err: error }, 'the region’s state was not stored'));
    onChange();
  };
  await system.tell(stream, { type: 'RegionStarted', data: regionFacts(config, { node, version }) });
  const border =
    config.border &&
    (await openBorder({
      region: config.region,
      gateway: config.gateway,
      node,
      version,
      tls: options.tls,
      speak,
      log,
      address: parseHostPort(config.border.listen)!,
      mains: mains.flatMap(({ name, routers }) => routers.map(({ address }) => ({ name, address }))),
      peers: config.border.peers,
      onPeerConnected: (peer) => note({ type: 'PeerConnected', data: { peer } }),
      onPeerLost: (peer, code, message) => note({ type: 'PeerLost', data: { peer, code, message } }),
    }));
  return {
    note,
    routes: () => border?.routes() ?? [],
    speak: (region, request) => border!.speak(region, request),
    async stop() {
      await system.tell(stream, { type: 'RegionStopped', data: { reason: 'stopped' } });
    },
    close: async () => border?.close(),
  };
}
