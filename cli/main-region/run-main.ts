import { join } from 'node:path';
import { createFetcher } from '@tandem/actors/documents/fetch';
import { createLinkServer, type LinkServer } from '@tandem/actors/link';
import type { CallContext } from '@tandem/actors/machines/execution';
import { callStream, idOf, isCallStream } from '@tandem/actors/names';
import { loadTls } from '@tandem/actors/peers';
import {
  CallRouter,
  createNumberPlan,
  LimitedCalls,
  type NetworkWatch,
  policyRouting,
  ShippedFaults,
  watchNetwork,
} from '@tandem/actors/router';
import { plannedRoutes, plannedView } from '@tandem/actors/routing/network';
import { StoredPolicies, UNSET } from '@tandem/actors/routing/policy';
import { createRoutingServer, createRoutingService } from '@tandem/actors/routing/service';
import { ActorSystem, serializeState } from '@tandem/actors/runtime';
import type { EventHandler, EventStore, Subscription } from '@tandem/actors/stores/event-store';
import { openEventStore } from '@tandem/actors/stores/open';
import { keepFolderPrivate, openSqliteCheckpoints } from '@tandem/actors/stores/sqlite';
import { openWaitingEventStore, type WaitingEventStore } from '@tandem/actors/stores/waiting';
import { parseHostPort } from '../addresses/index.ts';
import { newNode, version } from '../command-line/index.ts';
import type { MainConfig } from '../config/index.ts';
import { checkPolicyList } from '../config/index.ts';
import type { Log } from '../log/index.ts';
import { endWhenBroken, linkFiles, pruneCallsHourly } from '../process/index.ts';
import { openNetwork } from './open-network.ts';
import { runApi } from './run-api.ts';

export interface RunningMain {
  /** Port of the region link. */
  readonly linkPort: number;
  /** Port of the REST API. */
  readonly apiPort: number;
  readonly calls: number;
  /** Hears of every event as it becomes durable here. */
  watch(handler: EventHandler): Subscription;
  close(): Promise<void>;
}

/** The store as those see it who have something to store, and wait when it is away. */
const waitFor = (store: EventStore, log: Log): WaitingEventStore =>
  openWaitingEventStore(store, {
    onAway: (err) => log.error({ err }, 'the event store is away: what is to be stored waits for it'),
    onBack: (away, waited) =>
      log.info(
        { seconds: Math.round(away) / 1000, waited },
        'the event store is back: what waited is stored',
      ),
  });

/** Starts a main region: its event store, its call router, its REST API, and the link that regions connect to. */
export async function runMain(config: MainConfig, log: Log): Promise<RunningMain> {
  await using opening = new AsyncDisposableStack();
  keepFolderPrivate(config.data);
  const store = await openEventStore(config.store, { onBroken: endWhenBroken(log) });
  opening.defer(() => store.close());
  // Only this process writes a file of its own, which is there or is broken for good.
  const shared = !config.store.startsWith('sqlite:');
  const patient = shared ? waitFor(store, log) : undefined;
  const checkpoints = openSqliteCheckpoints({ file: join(config.data, 'checkpoints.db') });
  opening.defer(() => checkpoints.close());
  const fetcher = createFetcher(config.applications);
  opening.defer(() => fetcher.close());

  const self = `${config.main}/${config.router}`;
  const system = new ActorSystem({
    store: patient ?? store,
    checkpoints,
    shared,
    node: self,
    region: config.main,
    onError: (error, stream) => log.error({ err: error, stream }, 'an actor’s work failed'),
    onEnded: log.isLevelEnabled('debug')
      ? (stream, snapshot) => log.debug({ stream, state: serializeState(snapshot) }, 'an actor ended')
      : undefined,
  });
  opening.defer(() => system.close());

  const tokens = new Map(config.accounts.map(({ sid, authToken }) => [sid, authToken]));
  let link: LinkServer | undefined;
  let watch: NetworkWatch | undefined;
  const live = openNetwork({
    config,
    store,
    log,
    calls: () => system.live,
    command: (to, command) => link!.command(to, command),
    // What was there is somebody else's at once, not with the next look.
    onGatewayLost: () => watch?.look(),
  });
  opening.defer(() => live.close());
  const network = plannedView(live.network, {
    routes: plannedRoutes(config.routes),
    costs: new Map(config.regionCosts.map(({ region, cost }) => [region, cost])),
  });
  const policies = await StoredPolicies.open({
    store,
    configured: config.policies,
    region: config.main,
    onChange: () => watch?.look(),
    onError: (error) =>
      log.error({ err: error }, 'the routing policies are not followed now; it is tried again'),
    onSetAside: ({ position, id }, error) =>
      log.error({ err: error, position, id }, 'routing policies that are stored cannot be taken'),
  });
  opening.defer(() => policies.close());
  if (policies.revision !== UNSET)
    log.info({ revision: policies.revision }, 'routing policies that were set are in force');
  const routing = policyRouting({ network, policies, now: Date.now });

  const faults = new ShippedFaults((error, stream) =>
    log.error({ err: error, stream }, 'what a gateway shipped was not taken as it is'),
  );
  const plan = createNumberPlan(
    config.numbers.map(({ number, account, ...application }) => ({
      number,
      accountSid: account,
      application,
    })),
  );
  const limitsOf = new Map(
    config.accounts.map(({ sid, limits, callerIds }) => [sid, { ...limits, callerIds }]),
  );
  const limits = new LimitedCalls({
    limits: (accountSid) => limitsOf.get(accountSid),
    owns: (accountSid, number) => plan.lookUp(number).accountSid === accountSid,
    isLive: (callSid) => system.isLive(callStream(callSid)),
    now: () => performance.now(),
  });

  const router = new CallRouter({
    router: self,
    store: patient ?? store,
    system,
    fetcher,
    routing,
    plan,
    limits,
    authToken: (accountSid) => tokens.get(accountSid),
    sealingKeys: (region) => live.network.sealingKeys(region),
    command: (to, command) => link!.command(to, command),
    owner: (to, owner) => link!.owner(to, owner),
    taken: (to, legIds) => link!.taken(to, legIds),
    onError: (error, stream) => log.error({ err: error, stream }, 'a call could not take what its leg said'),
    onNotTaken: (error, event) => faults.note(error, event),
  });

  const policy = createRoutingService({ view: network, policies });
  const policiesSource = {
    current: () => policies.current(),
    revision: () => policies.revision,
    set: (list: unknown, by: string, expected?: number) =>
      policies.set(checkPolicyList(list, config), by, expected),
  };
  const api = await runApi(config, store, {
    network: live.source,
    log,
    routing: policy,
    policies: policiesSource,
    notTaken: () => faults.count,
    away: () => patient?.away === true,
  });
  opening.defer(() => api.close());

  // Calls that were live are told of the restart before regions can say anything new of them.
  const recovered = Promise.withResolvers<void>();
  const { host, port } = parseHostPort(config.link.listen)!;
  const tls = await loadTls(linkFiles(config.link.certificates, config.main));
  link = await createLinkServer({
    address: { host, port },
    main: config.main,
    router: config.router,
    regions: config.regions,
    node: newNode(self),
    version,
    tls,
    async onEvents(from, events) {
      await recovered.promise;
      await router.take(from, events);
    },
    async onAdopt(from, calls) {
      await recovered.promise;
      await router.adopt(from, calls);
      await watch?.adopted(calls.map(({ callSid }) => callStream(callSid)));
    },
    async onHeld(from, legs) {
      await recovered.promise;
      return router.taken(from, legs);
    },
    ...live.hooks,
    onGatewayUp(peer) {
      live.hooks.onGatewayUp(peer);
      void recovered.promise.then(() => router.met(peer));
    },
    log,
  });
  opening.defer(() => link.close());
  // What waits for a store that stays away does not hold up the end of this process: gateways send it again.
  opening.defer(() => patient?.stopWaiting());
  if (config.routing.listen !== undefined) {
    const address = parseHostPort(config.routing.listen)!;
    const answering = await createRoutingServer({ address, tls, service: policy, log });
    opening.defer(() => answering.close());
  }

  const found = await system.recover();
  for (const stream of system.liveStreams()) {
    if (!isCallStream(stream)) continue;
    const { accountSid, callSid, legs } = (await system.snapshot(stream)).context as CallContext;
    const here = Object.keys(legs).filter((legId) => legs[legId]!.status !== 'left');
    limits.count(accountSid, callSid, here);
  }
  if (found > 0) log.info({ calls: found }, 'calls that were live at the last end go on');
  recovered.resolve();
  watch = watchNetwork({
    network,
    policies,
    calls: () => system.liveStreams().filter(isCallStream),
    contextOf: async (call) => (await system.snapshot(call)).context as CallContext,
    tell: (call, message) => system.tell(call, { ...message, correlation: idOf(call) }),
    onError: (error) => log.error({ err: error }, 'a call did not hear of a change of the network'),
  });
  const watching = watch;
  opening.defer(() => watching.close());
  const pruning = pruneCallsHourly({ config, store, checkpoints, log });
  opening.defer(() => pruning.close());
  log.info(
    {
      main: config.main,
      router: config.router,
      link: `${host}:${link.port}`,
      api: api.port,
      store: config.store.split(':')[0],
    },
    'main region runs',
  );

  const running = opening.move();
  return {
    linkPort: link.port,
    apiPort: api.port,
    get calls() {
      return system.live;
    },
    watch: (handler) => store.subscribeToAll('end', handler),
    close: () => running.disposeAsync(),
  };
}
