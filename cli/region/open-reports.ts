import type { GatewayReport } from '@tandem/actors/link';
import type { EventStore } from '@tandem/actors/stores/event-store';
import { keepSubscribedToAll } from '@tandem/actors/stores/event-store';
import type { GatewayActor } from '@tandem/gateways/health';
import { GatewayReporter, MediaContests, MediaWays } from '@tandem/gateways/health';
import type { MediaPlane } from '@tandem/gateways/media';
import type { RegionConfig } from '../config/index.ts';
import type { Log } from '../log/index.ts';
import type { OpenRegion } from './open-region.ts';

export interface OpenReportsOptions {
  readonly config: RegionConfig;
  readonly journal: EventStore;
  readonly actor: GatewayActor;
  readonly media: Pick<MediaPlane, 'stats'>;
  readonly legs: () => number;
  /** Whether the process is being stopped. */
  readonly stopping: () => boolean;
  readonly services: () => GatewayReport['services'];
  /** None in a further gateway. */
  readonly region: OpenRegion | undefined;
  readonly send: (report: GatewayReport) => void;
  readonly log: Log;
}

/** Has a gateway report how it is, with the quality of its trunks and of its ways to other regions. */
export function openReports(options: OpenReportsOptions): GatewayReporter & AsyncDisposable {
  const { config, journal, actor, media, legs, stopping, services, region, send, log } = options;
  const ways = new MediaWays();
  const contests = new MediaContests();
  const failed = (err: unknown) => log.error({ err }, 'the quality of media is not reported');
  const subscription = keepSubscribedToAll(journal, {
    from: 'end',
    take(event) {
      ways.take(event);
      contests.take(event);
    },
    onInterrupted: failed,
    onSetAside: (_event, err) => failed(err),
  });
  const reporter = new GatewayReporter({
    capacity: config.capacity,
    legs,
    services,
    send,
    trunks: config.trunks.map(({ name }) => name),
    peers: (config.border?.peers ?? []).map((peer) => peer.region),
    draining: () => actor.draining || stopping(),
    lostTrunks: () => actor.lostTrunks,
    routes: region && (() => region.routes()),
    sessions: () => ways.entries(),
    contested: () => contests.counts,
    stats: (id) => media.stats(id),
    onError: failed,
  });
  return Object.assign(reporter, {
    async [Symbol.asyncDispose]() {
      await reporter.close();
      await subscription.stop();
    },
  });
}
