import { type Static, Type } from '@sinclair/typebox';
import {
  accountSid,
  allowPrivateNetworks,
  days,
  group,
  list,
  listen,
  name,
  oneOf,
  path,
  pattern,
  phoneNumber,
  prefix,
  quantity,
  text,
  url,
  whole,
} from './fields.ts';
import { policy, regionCost, route } from './routing.ts';

const method = (description: string) => oneOf(['GET', 'POST'], { description, default: 'POST' });

const account = group(
  {
    sid: accountSid({ description: 'The account.' }),
    authToken: pattern(
      '^\\S{16,128}$',
      'the secret in quotes, 16 to 128 characters without spaces, best as "${SOME_VARIABLE}"',
    )({
      description: 'The secret that signs requests to the applications and opens the REST API.',
      secret: true,
    }),
    name: text({ description: 'What people call the account.' }),
    operator: Type.Boolean({
      description:
        'Whether the account may see regions and gateways, have gateways drain, and change the routing policies.',
      write: 'true or false',
      default: false,
    }),
    callerIds: list(phoneNumber({ description: 'A number.' }), {
      description:
        'Numbers that are known to be the account’s, besides those of `numbers`: it may call as these.',
      write: 'a list of numbers in quotes, for example ["+353123456"]',
      default: [],
    }),
    limits: group(
      {
        calls: whole(1, 1_000_000, {
          description:
            'Legs at once, callers and called parties together; more are refused with 486. Each call router counts those of its calls.',
          default: 500,
        }),
        callsPerSecond: whole(1, 100_000, {
          description: 'Legs that may begin within a second; more are refused with 486.',
          default: 50,
        }),
        destinations: group(
          {
            allow: Type.Optional(
              list(prefix({ description: 'The beginning of numbers.' }), {
                description:
                  'The beginnings of numbers that the account may call; all when it is not there, but for satellite, international and premium networks (+870, +878, +881, +882, +883, +888, +979, +1900, +1976), which are open only where they are listed here.',
                write: 'a list of beginnings of numbers in quotes, for example ["+353", "+44"]',
              }),
            ),
            deny: list(prefix({ description: 'The beginning of numbers.' }), {
              description:
                'The beginnings of numbers that it may not call. The longer of two that fit decides, and of the same this one.',
              write: 'a list of beginnings of numbers in quotes, for example ["+4487"]',
              default: [],
            }),
          },
          {
            description: 'Whom its calls may dial, also by SIP URIs that have a number in them.',
            default: {},
          },
        ),
      },
      { description: 'What its calls may do at most.', default: {} },
    ),
  },
  { description: 'An account; every call belongs to one.' },
);

const number = group(
  {
    number: phoneNumber({ description: 'The number as the trunks deliver it.' }),
    account: accountSid({ description: 'The `sid` of the account that owns the number.' }),
    voiceUrl: url({ description: 'Where the document that answers a call to the number is fetched.' }),
    voiceMethod: method('How `voiceUrl` is asked.'),
    fallbackUrl: Type.Optional(
      url({ description: 'Asked instead when `voiceUrl` fails or its document is wrong.' }),
    ),
    fallbackMethod: method('How `fallbackUrl` is asked.'),
  },
  { description: 'A number and the application that answers it.' },
);

/** What `main.yaml` holds: the configuration of a main region. */
export const MainConfig = group(
  {
    main: name({ description: 'The name of this main region.', examples: ['us1'] }),
    router: name({
      description:
        'The name of this call router in it. Several routers of a main region share a `store` that is not a file.',
      default: 'r1',
    }),
    store: pattern(
      '^(?:sqlite:\\S.*|(?:esdb|kurrentdb)(?:\\+discover)?://\\S+)$',
      'sqlite: and a file, or esdb:// and a cluster, for example sqlite:data/us1/events.db',
    )({
      description: 'The event store: a file on this machine, or an EventStoreDB (KurrentDB) cluster.',
      examples: ['sqlite:data/us1/events.db', 'esdb://node1:2113,node2:2113?tls=true'],
      secret: true,
    }),
    data: path({ description: 'The directory for read models and positions.', examples: ['data/us1'] }),
    link: group(
      {
        listen: listen({ description: 'Where the regions connect to.', examples: ['127.0.0.1:7400'] }),
        certificates: path({
          description: 'The directory with the certificates of the link, as `tandem certs` writes it.',
          examples: ['data/certificates'],
        }),
        gatewayPatience: quantity(1, 300, {
          description:
            'Seconds for which the link of a gateway may be gone before the gateway counts as unhealthy and gets no new calls.',
          default: 5,
        }),
        calls: whole(1, 1_000_000, {
          description: 'How many calls this router should have at once, for those who choose a router.',
          default: 10_000,
        }),
      },
      { description: 'The region link.' },
    ),
    api: group(
      {
        listen: listen({ description: 'Where the REST API is served.', default: '127.0.0.1:8080' }),
        tls: Type.Optional(
          group(
            {
              cert: path({
                description:
                  'The certificate chain, a PEM file. Write the key first when both are renewed: a new chain is used within ten seconds.',
              }),
              key: path({ description: 'Its private key, a PEM file.' }),
            },
            { description: 'With it the API is served over TLS; without it tokens travel in the clear.' },
          ),
        ),
      },
      { description: 'The REST API.', default: {} },
    ),
    applications: group(
      {
        allowPrivateNetworks: allowPrivateNetworks('documents may be fetched'),
      },
      { description: 'How the applications’ servers are reached.', default: {} },
    ),
    retention: group(
      {
        calls: days({
          description:
            'Days for which the events of a call are kept after its end. Then the call is archived: lists and its own page have it for ever, its events, its decisions and its replay are gone. `never` archives none.',
          default: 90,
        }),
      },
      { description: 'How long what is over is kept.', default: {} },
    ),
    regions: list(name({ description: 'A region.' }), {
      description: 'The regions that may connect.',
      minItems: 1,
      uniqueItems: true,
      examples: [['ie1']],
      write: 'a list of at least one region, each named once, for example [ie1]',
    }),
    accounts: list(account, { description: 'The accounts.', default: [] }),
    numbers: list(number, { description: 'The numbers that applications answer.', default: [] }),
    routing: group(
      {
        listen: Type.Optional(
          listen({
            description: 'Where the routing policy is asked over gRPC; nowhere when it is not there.',
          }),
        ),
      },
      { description: 'The routing policy as a service.', default: {} },
    ),
    policies: list(policy, {
      description: 'Where media may and should go, until others are set over REST; see docs/routing.md.',
      default: [],
    }),
    routes: list(route, {
      description: 'What is known of the ways between regions, until they are measured.',
      default: [],
    }),
    regionCosts: list(regionCost, { description: 'What regions cost; nothing otherwise.', default: [] }),
  },
  { description: 'A main region.' },
);

export type MainConfig = Static<typeof MainConfig>;
