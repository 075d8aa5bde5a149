import { type Static, Type } from '@sinclair/typebox';
import { TandemError } from '@tandem/actors/errors';
import type { GatewayHealth, Network } from '@tandem/actors/routing/network';
import { dnsRecords } from '@tandem/actors/routing/network';
import type { FastifyInstance } from 'fastify';
import { ErrorAnswer } from './error-answer.ts';

/** The live network of the process that serves the API. */
export interface NetworkSource {
  current(): Network;
  gateways(): readonly GatewayHealth[];
  /** Has a gateway drain, or resume; whether that changed anything. @throws link.* */
  drain(name: { region: string; gateway: string }, draining: boolean): Promise<boolean>;
}

const Quality = Type.Object({
  streams: Type.Integer(),
  packets: Type.Number(),
  loss: Type.Number({ description: 'Share of the packets that never came, 0 to 1.' }),
  jitter: Type.Number({ description: 'Milliseconds.' }),
  round_trip: Type.Union([Type.Number(), Type.Null()], { description: 'Milliseconds.' }),
  mos: Type.Union([Type.Number(), Type.Null()], { description: 'Mean opinion score, 1 to 4.5.' }),
});
const Trunk = Type.Object({
  name: Type.String(),
  up: Type.Boolean({ description: 'Whether its provider answers.' }),
  heard: Type.Union([Quality, Type.Null()], { description: 'What comes in from the provider.' }),
  told: Type.Union([Quality, Type.Null()], { description: 'What the provider reports of what we send.' }),
});
const Leg = Type.Object({
  sid: Type.String(),
  call_sid: Type.String(),
  trunk: Type.Union([Type.String(), Type.Null()], { description: 'Null for a SIP URI.' }),
  heard: Type.Union([Quality, Type.Null()], { description: 'What comes in from the peer.' }),
  told: Type.Union([Quality, Type.Null()], { description: 'What the peer reports of what we send.' }),
});
const Gateway = Type.Object(
  {
    region: Type.String(),
    name: Type.String(),
    healthy: Type.Boolean({ description: 'Whether it may be chosen for new calls, if it does not drain.' }),
    linked: Type.Boolean({ description: 'Whether its link to this router stands.' }),
    draining: Type.Boolean({ description: 'Whether it keeps its calls and takes no new ones.' }),
    legs: Type.Integer(),
    capacity: Type.Integer(),
    addresses: Type.Array(Type.String()),
    node: Type.String(),
    version: Type.String(),
    trunks: Type.Array(Trunk),
    sip_uris: Type.Object(
      {
        heard: Type.Union([Quality, Type.Null()], { description: 'What comes in from the peers.' }),
        told: Type.Union([Quality, Type.Null()], { description: 'What they report of what we send.' }),
      },
      { description: 'The legs to SIP URIs, which go over no trunk.' },
    ),
    contested: Type.Union(
      [
        Type.Object({
          legs: Type.Integer({ description: 'To which somebody else sent, too.' }),
          packets: Type.Integer({ description: 'That were not heard for that, of legs that are over.' }),
        }),
        Type.Null(),
      ],
      {
        description:
          'Media of others that came to the ports of legs, since the gateway’s process began; null when it does not say.',
      },
    ),
    worst_legs: Type.Array(Leg, {
      description: 'The legs in progress that sound worst, ten at the most, the worst first.',
    }),
  },
  { $id: 'Gateway' },
);
const Region = Type.Object(
  {
    name: Type.String(),
    main: Type.Boolean({ description: 'Whether call routers are there.' }),
    healthy: Type.Boolean(),
    gateways: Type.Array(Type.String()),
    services: Type.Array(
      Type.Object({
        name: Type.String(),
        gateway: Type.String(),
        healthy: Type.Boolean(),
        load: Type.Integer(),
        capacity: Type.Integer(),
        proxy_of: Type.Union([Type.String(), Type.Null()]),
      }),
    ),
    routes: Type.Array(
      Type.Object({
        to: Type.String(),
        up: Type.Boolean(),
        measured: Type.Boolean(),
        poor: Type.Boolean({ description: 'It became worse than it should be: new calls leave it first.' }),
        rtt: Type.Number({ description: 'Milliseconds.' }),
        jitter: Type.Number({ description: 'Milliseconds.' }),
        loss: Type.Number(),
        mos: Type.Union([Type.Number(), Type.Null()]),
        load: Type.Integer({ description: 'Pipes in progress.' }),
        capacity: Type.Integer(),
      }),
    ),
  },
  { $id: 'Region' },
);

const GatewayPath = Type.Object({
  Region: Type.String({ maxLength: 64 }),
  Name: Type.String({ maxLength: 64 }),
});
const DrainQuery = Type.Object(
  {
    resume: Type.Boolean({ default: false, description: 'To take new calls again.' }),
  },
  { additionalProperties: false },
);
const DnsQuery = Type.Object(
  {
    domain: Type.String({
      pattern: '^[a-z0-9](?:[a-z0-9.-]{0,200}[a-z0-9])?$',
      description: 'The zone in which the regions are names.',
    }),
    ttl: Type.Integer({ minimum: 1, maximum: 86_400, default: 30, description: 'Seconds.' }),
  },
  { additionalProperties: false },
);
type Quality = NonNullable<GatewayHealth['trunks'][number]['heard']>;

const qualityResource = (quality: Quality | undefined): Static<typeof Quality> | null =>
  quality
    ? {
        streams: quality.streams,
        packets: quality.packets,
        loss: quality.loss,
        jitter: quality.jitter,
        round_trip: quality.roundTrip ?? null,
        mos: quality.mos ?? null,
      }
    : null;

const gatewayResource = ({
  gateway: name,
  trunks,
  sipUris,
  worst,
  contested,
  ...rest
}: GatewayHealth): Static<typeof Gateway> => ({
  ...rest,
  name,
  addresses: [...rest.addresses],
  trunks: trunks.map((trunk) => ({
    name: trunk.name,
    up: trunk.up,
    heard: qualityResource(trunk.heard),
    told: qualityResource(trunk.told),
  })),
  sip_uris: { heard: qualityResource(sipUris.heard), told: qualityResource(sipUris.told) },
  contested: contested ? { legs: contested.legs, packets: contested.packets } : null,
  worst_legs: worst.map((leg) => ({
    sid: leg.legId,
    call_sid: leg.callSid,
    trunk: leg.trunk || null,
    heard: qualityResource(leg.heard),
    told: qualityResource(leg.told),
  })),
});

function regionResources({ regions, routes }: Network): Static<typeof Region>[] {
  return regions.map(({ name, main, healthy, gateways, services }) => ({
    name,
    main,
    healthy,
    gateways: gateways.map((gateway) => gateway.name),
    services: services.map(({ name: service, gateway, healthy: well, load, capacity, proxyOf }) => ({
      name: service,
      gateway,
      healthy: well,
      load,
      capacity,
      proxy_of: proxyOf ?? null,
    })),
    routes: routes
      .filter(({ from }) => from === name)
      .map(({ to, up, measured, poor = false, rtt, jitter, loss, mos = null, load, capacity }) => ({
        to,
        up,
        measured,
        poor,
        rtt,
        jitter,
        loss,
        mos,
        load,
        capacity,
      })),
  }));
}

/** Routes about the network itself, for those who run it. Each is behind the authentication of an operator. */
export function networkRoutes(app: FastifyInstance, network: NetworkSource): void {
  app.addSchema(Gateway);
  app.addSchema(Region);
  const answers = (schema: ReturnType<typeof Type.Object>) => ({
    200: schema,
    default: Type.Ref(ErrorAnswer),
  });

  app.get(
    '/v1/regions',
    {
      schema: {
        summary: 'List the regions, their services, and the ways between them',
        response: answers(Type.Object({ regions: Type.Array(Type.Ref(Region)) })),
      },
    },
    async () => ({ regions: regionResources(network.current()) }),
  );

  app.get(
    '/v1/gateways',
    {
      schema: {
        summary: 'List the gateways: their health, load and quality',
        response: answers(Type.Object({ gateways: Type.Array(Type.Ref(Gateway)) })),
      },
    },
    async () => ({ gateways: network.gateways().map(gatewayResource) }),
  );

  app.post<{ Params: Static<typeof GatewayPath>; Querystring: Static<typeof DrainQuery> }>(
    '/v1/gateways/:Region/:Name/drain',
    {
      schema: {
        summary: 'Have a gateway take no new calls and keep those that it has, or resume',
        params: GatewayPath,
        querystring: DrainQuery,
        response: answers(Type.Object({ changed: Type.Boolean(), gateway: Type.Ref(Gateway) })),
      },
    },
    async ({ params, query }) => {
      const find = (): GatewayHealth | undefined =>
        network.gateways().find(({ region, gateway }) => region === params.Region && gateway === params.Name);
      const found = find();
      if (!found) throw new TandemError('api.not-found', { what: 'gateway' });
      const { region, gateway } = found;
      if (!found.linked) throw new TandemError('api.gateway-away', { gateway: `${region}/${gateway}` });
      const changed = await network.drain({ region, gateway }, !query.resume);
      return { changed, gateway: { ...gatewayResource(find() ?? found), draining: !query.resume } };
    },
  );

  app.get<{ Querystring: Static<typeof DnsQuery> }>(
    '/v1/dns',
    {
      schema: {
        summary: 'Export DNS records by which callers find the nearest healthy gateway, as zone-file text',
        querystring: DnsQuery,
        produces: ['text/plain'],
        response: { 200: Type.String(), default: Type.Ref(ErrorAnswer) },
      },
    },
    async ({ query }, reply) =>
      reply.type('text/plain; charset=utf-8').send(dnsRecords(network.gateways(), network.current(), query)),
  );
}
