import { join } from 'node:path';
import type { RoutingService } from '@tandem/actors/routing/service';
import type { EventStore } from '@tandem/actors/stores/event-store';
import type { NetworkSource, PoliciesSource } from '@tandem/projections/api';
import { createApi } from '@tandem/projections/api';
import { callsProjection, openCallsReadModel } from '@tandem/projections/calls';
import { openReads } from '@tandem/projections/reads';
import { startProjector } from '@tandem/projections/runner';
import { parseHostPort } from '../addresses/index.ts';
import type { MainConfig } from '../config/index.ts';
import type { Log } from '../log/index.ts';
import { readApiTls, whenRenewed } from './api-tls.ts';

export interface RunningApi {
  /** Port of the REST API. */
  readonly port: number;
  close(): Promise<void>;
}

export interface RunApiOptions {
  readonly log: Log;
  readonly network?: NetworkSource;
  readonly routing?: RoutingService;
  readonly policies?: PoliciesSource;
  /** Events that were not taken as gateways shipped them. */
  readonly notTaken?: () => number;
  /** Whether the store is waited for. */
  readonly away?: () => boolean;
}

/** Keeps the read models of a main region up with its event store, and serves the REST API over them. */
export async function runApi(
  { api, data, accounts, store: url }: Pick<MainConfig, 'api' | 'data' | 'accounts' | 'store'>,
  store: EventStore,
  options: RunApiOptions,
): Promise<RunningApi> {
  const { log, network, routing, policies, notTaken = () => 0, away = () => false } = options;
  await using opening = new AsyncDisposableStack();
  const file = join(data, 'calls.db');
  const calls = openCallsReadModel({ file });
  opening.defer(() => calls.close());
  const reads = openReads({ file, store: url });
  opening.defer(() => reads.close());
  const projector = startProjector({
    store,
    database: calls.database,
    projection: callsProjection(calls.database),
    onError: (err) => log.error({ err }, 'the read model of calls stopped; it is tried again'),
    onSetAside: ({ position, id, stream, type }, err) =>
      log.error({ err, position, id, stream, type }, 'an event is left out of the read model of calls'),
  });
  opening.defer(() => projector.close());
  const { host, port } = parseHostPort(api.listen)!;
  const { tls } = api;
  if (tls === undefined && !isLoopback(host))
    log.warn({ listen: api.listen }, 'the API is served without TLS: tokens travel in the clear (api.tls)');
  const served = await createApi({
    reads,
    accounts,
    network,
    routing,
    policies,
    log,
    listen: { host, port },
    ...(tls && { tls: await readApiTls(tls) }),
    failure: () => store.failure ?? projector.failure ?? (away() ? 'the store is away' : undefined),
    setAside: () => projector.setAside + notTaken(),
  });
  opening.defer(() => served.close());
  if (tls !== undefined) {
    const renew = async (): Promise<void> => {
      served.renew(await readApiTls(tls));
      log.info({}, 'the API shows its new certificate');
    };
    const stop = whenRenewed(tls, () => {
      renew().catch((err) => log.error({ err }, 'the API’s new certificate is not used'));
    });
    opening.defer(stop);
  }
  const running = opening.move();
  return { port: served.port, close: () => running.disposeAsync() };
}

const isLoopback = (host: string): boolean => host === '::1' || host.startsWith('127.');
