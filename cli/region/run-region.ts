import { join } from 'node:path';
import { loadTls } from '@tandem/actors/peers';
import { StaticCalls } from '@tandem/actors/router';
import { ActorSystem, serializeState } from '@tandem/actors/runtime';
import { createSealingKey } from '@tandem/actors/secrets';
import { keepFolderPrivate, openSqliteCheckpoints, openSqliteEventStore } from '@tandem/actors/stores/sqlite';
import type { GatewayReporter } from '@tandem/gateways/health';
import { GatewayActor, TrunkWatch } from '@tandem/gateways/health';
import { createMediaReach, createMediaSources, SipGateway, TakenLegs } from '@tandem/gateways/legs';
import { ServiceTable, ServingMediaPlane, speechService } from '@tandem/gateways/services';
import {
  createReachPolicy,
  createSipResolver,
  createUserAgent,
  openTransportLayer,
  parseHostPort,
} from '@tandem/gateways/sip';
import { liveCalls, openRouterLinks, type RouterLinks } from '@tandem/gateways/uplink';
import { advertisedBy, parseSipListener } from '../addresses/index.ts';
import { newNode, version } from '../command-line/index.ts';
import type { RegionConfig } from '../config/index.ts';
import { staticNumbersOf } from '../config/index.ts';
import type { Log } from '../log/index.ts';
import type { Stop } from '../process/index.ts';
import { endWhenBroken, gatewayLinkFiles, logCounters, pruneJournalHourly } from '../process/index.ts';
import { derivedKey } from './derived-key.ts';
import { configuredServices, servicesOf, trunkOf, trunksOf, watchedTrunks } from './gateway-facts.ts';
import { mainRegions } from './main-regions.ts';
import { openMedia } from './open-media.ts';
import { type OpenRegion, openRegion, registerRegionActor } from './open-region.ts';
import { openRenderer } from './open-renderer.ts';
import { openReports } from './open-reports.ts';
import { sipLog } from './sip-log.ts';
import { readSipTls } from './sip-tls.ts';

/** Milliseconds in which a router is to say whose the legs are that were live at the last end. */
const HEARD_WITHIN = 1000;

/** Milliseconds for which peers may leave a goodbye unanswered when the region is stopped. */
const PATIENCE = 5000;

export interface RunningRegion {
  /** SIP URIs at which it takes calls. */
  readonly addresses: readonly string[];
  /** Legs that hold resources. */
  readonly legs: number;
  /** Hangs up what is here; or, to be started again, leaves it to the next process with this journal, as a crash would. */
  close(stop?: Stop): Promise<void>;
}

/**
 * Starts a gateway: its journal, its SIP and media, and its links to the routers of the main regions. The first of a
 * region is the region, too: it has its border and its actor; a further one reaches the routers through that border.
 */
export async function runRegion(config: RegionConfig, log: Log): Promise<RunningRegion> {
  await using opening = new AsyncDisposableStack();
  const node = newNode(`${config.region}/${config.gateway}`);
  const sealing = createSealingKey();
  const linkTls = await loadTls(gatewayLinkFiles(config.link.certificates, config.region, config.gateway));
  keepFolderPrivate(config.data);
  const journal = openSqliteEventStore({
    file: join(config.data, 'journal.db'),
    onBroken: endWhenBroken(log),
  });
  opening.defer(() => journal.close());
  const checkpoints = openSqliteCheckpoints({ file: join(config.data, 'checkpoints.db') });
  opening.defer(() => checkpoints.close());

  let region: OpenRegion | undefined;
  const border = {
    tls: linkTls,
    via: config.link.border,
    speak: (...asked: Parameters<OpenRegion['speak']>) => region!.speak(...asked),
  };
  const renderer = openRenderer(config, border, log);
  opening.defer(() => renderer.close());

  const services = new ServiceTable(configuredServices(config));
  const { plane, settle } = await openMedia(config, { node, tls: linkTls, renderer, log });
  opening.defer(() => plane.close());
  const media = new ServingMediaPlane(plane, services);

  const { tls } = config.sip;
  const transport = await openTransportLayer({
    listen: config.sip.listen.map((text) => {
      const listener = parseSipListener(text)!;
      const { transport, host: address, port } = listener;
      const { host: advertisedAddress, port: advertisedPort } = advertisedBy(listener, config.sip.advertise);
      return { transport, address, port, advertisedAddress, advertisedPort };
    }),
    peers: config.trunks.map(({ name, allow, address, maxPerSecond }) => ({
      trunk: name,
      addresses: allow,
      messagesPerSecond: maxPerSecond,
      tlsServerName: parseHostPort(address, 'trunk').host,
    })),
    tls: tls && (await readSipTls(tls)),
  });
  opening.defer(logCounters(transport.counters, log));
  const resolver = createSipResolver();
  const userAgent = createUserAgent({
    resolver,
    transport,
    domain: config.sip.domain,
    waits: true,
    nonceKey: derivedKey(linkTls.key, 'digest nonces'),
    callIdKey: derivedKey(linkTls.key, 'Call-IDs'),
    trusts: (trunk) => trunkOf(config, trunk)?.trusted === true,
    credentialsOf: (trunk) => trunkOf(config, trunk)?.authenticate ?? [],
    algorithmsOf: (trunk) => trunkOf(config, trunk)?.digestAlgorithms,
    refuses: createReachPolicy({ allowed: config.sip.allowPrivateNetworks, trunks: config.trunks }),
    log: sipLog(log),
  });
  opening.defer(() => userAgent.close());
  opening.defer(logCounters(userAgent.counters, log));

  const system = new ActorSystem({
    store: journal,
    checkpoints,
    node: `${config.region}/${config.gateway}`,
    region: config.region,
    onError: (error, stream) => log.error({ err: error, stream }, 'an actor’s work failed'),
    onEnded: log.isLevelEnabled('debug')
      ? (stream, snapshot) => log.debug({ stream, state: serializeState(snapshot) }, 'an actor ended')
      : undefined,
  });
  opening.defer(() => system.close());
  // A further gateway's links go through the border of its region, which another process has.
  const isFurther = config.link.border !== undefined;
  if (!isFurther) registerRegionActor(system);
  let reports: GatewayReporter | undefined;
  const actor = new GatewayActor({
    name: config,
    system,
    capacity: config.capacity,
    admit: (open) => gateway.admit(open),
    onChange: () => reports?.changed(),
    onError: (error) => log.error({ err: error }, 'the gateway’s state was not stored'),
  });
  const staticCalls = new StaticCalls({
    region: config.region,
    gateway: config.gateway,
    numbers: staticNumbersOf(config),
    journal,
    checkpoints,
    system,
    command: (command) => gateway.command(command),
    onError: (error, stream) => log.error({ err: error, stream }, 'a call could not take what its leg said'),
  });
  const gateway: SipGateway = new SipGateway({
    region: config.region,
    gateway: config.gateway,
    capacity: config.capacity,
    trunks: config.trunks.map(({ silenceLimit, ...trunk }) => ({
      ...trunk,
      ...(silenceLimit !== undefined && { silenceLimit: silenceLimit * 1000 }),
    })),
    system,
    userAgent,
    media,
    silenceLimit: config.media.silenceLimit * 1000,
    codecs: config.media.codecs,
    sourcesOf: createMediaSources(config.trunks),
    resolve: (host) => resolver.addresses(host),
    mediaReach: createMediaReach({ allowed: config.sip.allowPrivateNetworks, trunks: config.trunks }),
    sealing,
    pipeAddress: (region) => config.border?.peers.find((peer) => peer.region === region)?.media,
    lostTrunks: () => actor.lostTrunks,
    stores: () => journal.failure === undefined,
    onLegs(legs) {
      actor.legs(legs);
      reports?.legs(legs);
    },
    routerAwayFor: () => links.awayFor(),
    runsItself: (to) => staticCalls.router(to) !== undefined,
    offerPatience: config.link.offerPatience * 1000,
    routerWaits: () => links.waits(),
    chooseRouter: (callSid, to) => staticCalls.router(to) ?? links.choose(callSid),
    onError: (error, legId) => log.error({ err: error, leg: legId }, 'a leg’s work failed'),
  });
  opening.defer(logCounters(gateway.counters, log));

  // Other gateways may have taken legs that were live at the last end: routers are asked before they go on.
  const taken = new TakenLegs((legId) => gateway.letGo(legId));
  const begun = Promise.withResolvers<void>();
  const mains = mainRegions(config.link);
  const links: RouterLinks = await openRouterLinks({
    region: config.region,
    gateway: config.gateway,
    node,
    version,
    journal,
    checkpoints,
    log,
    mains,
    via: config.link.border === undefined ? undefined : { address: config.link.border },
    grace: config.link.routerGrace * 1000,
    live: await liveCalls(journal, await system.findLive()),
    tls: linkTls,
    async onCommand(command) {
      await begun.promise;
      return actor.owns(command) ? actor.command(command) : gateway.command(command);
    },
    onTaken: (legIds) => taken.take(legIds),
    async onConnected(peer) {
      await begun.promise;
      region?.note({ type: 'LinkConnected', data: { peer: peer.router } });
      reports?.changed();
    },
    async onLost(router, code, message) {
      await begun.promise;
      region?.note({ type: 'LinkLost', data: { peer: router, code, message } });
    },
  });
  opening.defer(() => links.close());
  await links.heard(HEARD_WITHIN);
  const live = await system.recover((stream) => taken.instead(stream));
  taken.recovered();
  settle();
  if (live > 0) log.warn({ actors: live }, 'actors that were live at the last end were told of the restart');
  await staticCalls.start();
  const pruning = pruneJournalHourly({
    config,
    journal,
    checkpoints,
    log,
    readers: () => [...links.readers, ...staticCalls.readers],
  });
  opening.defer(() => pruning.close());
  const onChange = () => reports?.changed();
  const speak =
    config.services?.speech?.proxyOf === undefined ? speechService(services, renderer) : undefined;
  region = isFurther
    ? undefined
    : await openRegion({ config, node, mains, tls: linkTls, system, speak, log, onChange });
  opening.defer(() => region?.close());
  await actor.start({
    region: config.region,
    gateway: config.gateway,
    node,
    version,
    capacity: config.capacity,
    addresses: [...userAgent.addresses],
    kinds: ['sip'],
    codecs: config.media.codecs,
    trunks: trunksOf(config),
    services: servicesOf(config),
    sealingKey: sealing.publicKey,
  });
  begun.resolve();
  reports = opening.use(
    openReports({
      config,
      journal,
      actor,
      media,
      region,
      log,
      legs: () => gateway.legs,
      stopping: () => gateway.stopping,
      services: () => services.loads(),
      send: (report) => links.report(report),
    }),
  );
  let stopped: Stop = 'for-good';
  opening.defer(async () => {
    // One that is started again was never gone: its legs are not to be taken elsewhere.
    if (stopped === 'to-restart') return;
    await actor.stop('stopped');
    await region?.stop();
  });
  opening.defer(() => staticCalls.close());
  // First of all when it is stopped, with everything there that ends calls in order.
  opening.defer(async () => {
    if (stopped === 'to-restart') {
      const unanswered = await gateway.leave(config.restartPatience * 1000);
      log.info({ legs: gateway.legs, unanswered }, 'calls are left to the process that is started next');
      return;
    }
    const left = await gateway.stop(PATIENCE);
    if (left > 0)
      log.warn({ legs: left }, 'peers did not answer our goodbye; their legs end at the next start');
  });
  const watch = new TrunkWatch({
    trunks: watchedTrunks(config),
    ask: (uri, trunk) => userAgent.ask(uri, trunk),
    lost: (trunk, code, message) => actor.trunkLost(trunk, code, message),
    found: (trunk) => actor.trunkFound(trunk),
  });
  opening.defer(() => watch.close());
  gateway.open();
  const what = isFurther ? 'gateway runs' : 'region runs';
  log.info({ region: config.region, gateway: config.gateway, sip: userAgent.addresses }, what);

  const running = opening.move();
  return {
    addresses: userAgent.addresses,
    get legs() {
      return gateway.legs;
    },
    close(stop = 'for-good') {
      stopped = stop;
      return running.disposeAsync();
    },
  };
}
