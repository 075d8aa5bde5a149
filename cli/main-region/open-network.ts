import { randomUUID } from 'node:crypto';
import { isTandemError, TandemError } from '@tandem/actors/errors';
import type { LinkServer, LinkServerOptions } from '@tandem/actors/link';
import { formatGateway, type GatewayId, gatewayStream } from '@tandem/actors/names';
import { LiveNetwork, type LiveNetworkOptions, NetworkFeed } from '@tandem/actors/routing/network';
import type { EventStore } from '@tandem/actors/stores/event-store';
import type { NetworkSource } from '@tandem/projections/api';
import type { MainConfig } from '../config/index.ts';
import type { Log } from '../log/index.ts';

export interface OpenNetworkOptions extends Pick<LiveNetworkOptions, 'onGatewayLost' | 'onGatewayFound'> {
  readonly config: Pick<MainConfig, 'main' | 'router' | 'link'>;
  readonly store: EventStore;
  /** Calls in progress at this router. */
  readonly calls: () => number;
  readonly command: LinkServer['command'];
  readonly log: Log;
}

export interface OpenNetwork {
  readonly network: LiveNetwork;
  /** What the link tells it. */
  readonly hooks: Required<Pick<LinkServerOptions, 'onGatewayUp' | 'onGatewayDown' | 'onReport'>>;
  /** What the API shows of it. */
  readonly source: NetworkSource;
  close(): Promise<void>;
}

/** Milliseconds between two looks at what this router does. */
const ROUTER_EVERY = 5000;

/** Follows the network: events of the store, and what gateways say over the link. */
export function openNetwork(options: OpenNetworkOptions): OpenNetwork {
  const { config, store, calls, log } = options;
  const network = new LiveNetwork({
    patience: config.link.gatewayPatience * 1000,
    onGatewayLost(name, reason) {
      log.warn({ ...name, reason }, 'a gateway is lost: no new calls go there');
      options.onGatewayLost?.(name, reason);
    },
    onGatewayFound(name) {
      log.info({ ...name }, 'a gateway is back');
      options.onGatewayFound?.(name);
    },
  });
  const feed = new NetworkFeed({
    store,
    network,
    onError: (error) =>
      log.error({ err: error }, 'what gateways say of themselves is not followed now; it is tried again'),
    onSetAside: ({ position, id, stream, type }, error) =>
      log.error({ err: error, position, id, stream, type }, 'what a gateway says of itself is left out'),
  });
  const noteRouter = () =>
    network.setRouters(config.main, [
      {
        name: config.router,
        healthy: true,
        draining: false,
        calls: calls(),
        capacity: config.link.calls,
      },
    ]);
  noteRouter();
  const timer = setInterval(noteRouter, ROUTER_EVERY);

  const drain = async (name: GatewayId, draining: boolean): Promise<boolean> => {
    try {
      const { accepted, code, message } = await options.command(name, {
        id: randomUUID(),
        stream: gatewayStream(name),
        data: {},
        cause: '',
        correlation: '',
        type: draining ? 'GatewayDrainRequested' : 'GatewayResumed',
      });
      if (code !== undefined)
        throw new TandemError('runtime.command-failed', { type: 'drain', code, detail: message ?? '' });
      return accepted;
    } catch (error) {
      if (isTandemError(error, 'link.region-unreachable'))
        throw new TandemError('api.gateway-away', { gateway: formatGateway(name) }, { cause: error });
      throw error;
    }
  };

  return {
    network,
    hooks: {
      onGatewayUp({ region, gateway }) {
        feed.meet({ region, gateway });
        network.linked({ region, gateway });
      },
      onGatewayDown: ({ region, gateway }, { code }) => network.unlinked({ region, gateway }, code),
      onReport: ({ region, gateway }, report) => network.reported({ region, gateway }, report),
    },
    source: { current: () => network.current(), gateways: () => network.gateways(), drain },
    async close() {
      clearInterval(timer);
      network.close();
      await feed.close();
    },
  };
}
