import { type Static, Type } from '@sinclair/typebox';
import { CODEC_NAMES } from '@tandem/gateways/audio/codecs';
import { DIGEST_ALGORITHMS } from '@tandem/gateways/sip';
import {
  accountSid,
  allowPrivateNetworks,
  cidr,
  days,
  group,
  host,
  ip,
  list,
  listen,
  name,
  oneOf,
  path,
  pattern,
  phoneNumber,
  ports,
  prefix,
  quantity,
  remote,
  sipListen,
  sipRemote,
  text,
  transportNames,
  trunkName,
  whole,
  yesOrNo,
} from './fields.ts';

const router = group(
  {
    name: name({ description: 'The name of the router in its main region.', examples: ['r1'] }),
    address: remote({ description: 'Where its link listens.' }),
  },
  { description: 'A call router of a main region.' },
);

const main = group(
  {
    name: name({ description: 'The name of the main region.' }),
    address: Type.Optional(
      remote({ description: 'Where the link of its only router listens, which is called `r1`.' }),
    ),
    routers: Type.Optional(
      list(router, {
        description: 'Its call routers, where it has several, instead of `address`.',
        minItems: 1,
        write: 'a list of its routers, for example [{ name: r1, address: 127.0.0.1:7400 }]',
      }),
    ),
  },
  { description: 'A main region.' },
);

const credentials = group(
  {
    username: text({ description: 'The name that the provider authenticates with.' }),
    password: text({ description: 'The password to it.', secret: true }),
  },
  { description: 'Credentials.' },
);

const trunk = group(
  {
    name: trunkName({ description: 'What the trunk is called in events and routes.' }),
    allow: list(cidr({ description: 'A network.' }), {
      description: 'The networks that the provider calls from. All others are dropped unread.',
      minItems: 1,
      write: 'a list of at least one network with its prefix length, for example [203.0.113.0/24]',
    }),
    address: sipRemote({
      description:
        'Where calls to the provider are sent. Without a port DNS names its servers (SRV, RFC 3263): when one fails the next is tried, and it is put last for five minutes.',
    }),
    transport: oneOf(transportNames, { description: 'How they are sent.', default: 'udp' }),
    prefixes: list(prefix({ description: 'A prefix.' }), {
      description:
        'The beginnings of the numbers that the trunk reaches; the longest match wins. None: it only takes calls.',
      default: [],
    }),
    username: Type.Optional(
      text({ description: 'The name to authenticate with at the provider (RFC 3261, section 22).' }),
    ),
    password: Type.Optional(text({ description: 'The password to it.', secret: true })),
    authenticate: list(credentials, {
      description:
        'Who may call over this trunk: a call must prove one of these by digest (RFC 8760). None: the address is proof enough.',
      default: [],
    }),
    realms: list(text({ description: 'A realm.' }), {
      description:
        'The realms that `password` is for. None: the first that each host of the provider asks for. Name them where the provider passes on what those say whom it connects.',
      default: [],
    }),
    digestAlgorithms: Type.Optional(
      list(oneOf(DIGEST_ALGORITHMS, { description: 'An algorithm.' }), {
        description:
          'What either side may prove a password by, the better first: the provider one of `authenticate`, and we `password`. Peers that know MD5 only, and look at no more than the first challenge, need `[MD5]`. Unset: SHA-256 and MD5 are taken, and of what the provider offers the best is used.',
        minItems: 1,
        uniqueItems: true,
      }),
    ),
    sipUris: oneOf(['numbers', 'any'], {
      description:
        'Which SIP URIs documents may dial at the provider’s host and in its networks: those at `address` whose user part begins with one of `prefixes` or is a name (`numbers`), or all of them, at any port (`any`): for exchanges of your own.',
      default: 'numbers',
    }),
    callerIds: oneOf(['own', 'any'], {
      description:
        'As whom calls may be made over the trunk: as numbers of the account and as who called (`own`), or as anybody (`any`), where the provider checks that itself.',
      default: 'own',
    }),
    trusted: yesOrNo({
      description:
        'Whether the provider is believed what it says in `X-Tandem-` header fields and in `P-Asserted-Identity`, and told where a call comes from and who an anonymous caller is: for platforms of your own, not for carriers.',
      default: false,
    }),
    cost: quantity(0, 1_000_000, {
      description: 'What a minute through the trunk costs us, in the currency of all costs here.',
      default: 0,
    }),
    customerCost: quantity(0, 1_000_000, {
      description: 'What the customer pays for a minute through the trunk.',
      default: 0,
    }),
    probe: whole(0, 3600, {
      description:
        'Seconds between two OPTIONS requests that ask whether the provider answers; while it does not, no calls are sent there. 0 asks none.',
      default: 0,
    }),
    latch: oneOf(['never', 'host', 'any'], {
      description:
        'Who is heard as the media of a leg over the trunk, beside the address in its SDP, which always is. `host`: the provider’s own hosts (the one that signals, `address`, and `allow`), and anybody only where the address in SDP is private and was not heard yet; `never`: nobody; `any`: whoever sends while the others are silent, so also who means to take the call’s sound.',
      default: 'host',
    }),
    silenceLimit: Type.Optional(
      quantity(0, 3600, {
        description:
          'Seconds without a packet after which a leg over the trunk is ended; 0 never ends it. Unset: `media.silenceLimit`.',
      }),
    ),
    capacity: Type.Optional(
      whole(1, 100_000, {
        description:
          'Legs over the trunk at once, the provider’s calls and ours; more of its calls are refused with 503, and ours go over other trunks. Unset: its own calls may have nine tenths of the gateway’s `capacity`, or all when it has no other trunk.',
      }),
    ),
    invitesPerSecond: Type.Optional(
      whole(1, 10_000, {
        description:
          'Calls per second that the provider may begin, and as many at once; more are refused with 503. A call that has to prove who it is by digest counts twice. Unset: any number.',
      }),
    ),
    maxPerSecond: Type.Optional(
      whole(1, 10_000, {
        description:
          'SIP messages per second that one address of the provider may send; more are dropped over UDP and held back over TCP. Unset: 5000.',
      }),
    ),
  },
  { description: 'A provider’s SIP interconnect.' },
);

const staticNumber = group(
  {
    number: phoneNumber({ description: 'A number that is answered here, with no application.' }),
    account: accountSid({ description: 'The sid of the account that its calls belong to.' }),
    dial: Type.Optional(
      pattern(
        '^(\\+[1-9][0-9]{1,14}|sips?:\\S{1,250})$',
        'a number in quotes with + and its country code, for example "+15550142", or a SIP URI',
      )({ description: 'Whom its callers are connected with. Either this or `twiml`.' }),
    ),
    twiml: Type.Optional(
      text({
        description:
          'What its callers get: a document of Say, Play (with a whole URL), Pause, Dial (without action), Reject and Hangup. Either this or `dial`.',
      }),
    ),
  },
  { description: 'A number that needs no application.' },
);

const peer = group(
  {
    region: name({ description: 'The other region.' }),
    address: remote({ description: 'Where its border listens.' }),
    media: Type.Optional(
      ip({
        description: 'Where its pipes are reached from here, where that is not what they say themselves.',
      }),
    ),
    cost: quantity(0, 1_000_000, {
      description: 'What a minute of one call’s media on the way there costs us.',
      default: 0,
    }),
    capacity: whole(0, 1_000_000, { description: 'Calls that the way there takes at once.', default: 1000 }),
  },
  { description: 'Another region.' },
);

const service = (what: string) => Type.Optional(group(offer(what), { description: `The service ${what}.` }));

const offer = (what: string) => ({
  capacity: whole(0, 100_000, { description: `Sessions of ${what} at once.`, default: 1000 }),
  cost: quantity(0, 1_000_000, { description: 'What a minute of it costs us.', default: 0 }),
});

const speech = Type.Optional(
  group(
    {
      ...offer('speech'),
      proxyOf: Type.Optional(
        name({
          description:
            'A region of `border.peers` that really speaks. This one plays what it says, and keeps that to play it again: no media goes between the two.',
        }),
      ),
    },
    { description: 'The service speech.' },
  ),
);

/** What `region.yaml` holds: the configuration of a region, or of a further gateway in one. */
export const RegionConfig = group(
  {
    region: name({ description: 'The name of this region.', examples: ['ie1'] }),
    gateway: name({ description: 'The name of this gateway in the region.', examples: ['gw1'] }),
    data: path({ description: 'The directory for the journal.', examples: ['data/ie1'] }),
    link: group(
      {
        mains: list(main, {
          description:
            'The main regions to connect to, the nearest first: new calls go to the first that has a router.',
          minItems: 1,
          write: 'a list of main regions, for example [{ name: us1, address: 127.0.0.1:7400 }]',
        }),
        routerGrace: quantity(0, 60, {
          description:
            'Seconds for which a router that was lost is waited for before its calls go to others.',
          default: 2,
        }),
        offerPatience: quantity(0, 30, {
          description:
            'Seconds for which a call waits at 100 Trying while no router can take it, before it is refused with 503; 0: it is refused at once.',
          default: 4,
        }),
        border: Type.Optional(
          remote({
            description:
              'Of a further gateway (`tandem gateway`): where the border of its region listens. Its links go through there, and `mains` says the same as in the region’s own file.',
          }),
        ),
        certificates: path({
          description: 'The directory with the certificates of the link, as `tandem certs` writes it.',
          examples: ['data/certificates'],
        }),
      },
      { description: 'The region link.' },
    ),
    border: Type.Optional(
      group(
        {
          listen: listen({
            description: 'Where the region’s further gateways and the borders of other regions connect to.',
          }),
          peers: list(peer, { description: 'The other regions that this one knows.', default: [] }),
        },
        { description: 'The region’s door to other regions, and to its own further gateways.' },
      ),
    ),
    sip: group(
      {
        listen: list(sipListen({ description: 'A listener.' }), {
          description:
            'Where SIP is listened to: transport, address and port of each listener, and behind a NAT that maps ports what peers reach it by.',
          minItems: 1,
          uniqueItems: true,
          write: 'a list of at least one listener, each named once, for example ["udp:127.0.0.1:5060"]',
          examples: [['udp:127.0.0.1:5060', 'tcp:127.0.0.1:5060']],
        }),
        advertise: Type.Optional(
          host({
            description:
              'The address that peers are told (in Contact and Via), where it is not the one that is listened on and the listener does not say one itself. An IP address holds for the listeners of its family.',
          }),
        ),
        tls: Type.Optional(
          group(
            {
              cert: path({ description: 'The certificate chain, a PEM file.' }),
              key: path({ description: 'Its private key, a PEM file.' }),
              ca: Type.Optional(
                path({
                  description:
                    'Authorities whose certificates count besides those that Node comes with, a PEM file. The certificate of whom we connect to must be for the host of its URI or of its trunk (RFC 5922).',
                }),
              ),
            },
            {
              description:
                'What we show our peers over tls, also those that we connect to and that ask for it.',
            },
          ),
        ),
        domain: Type.Optional(
          host({ description: 'The domain of our SIP URIs, where it is not the advertised address.' }),
        ),
        allowPrivateNetworks: allowPrivateNetworks(
          'calls to SIP URIs, what follows in them, and media before any was heard may be sent, besides the trunks’ own addresses and networks,',
          'to',
        ),
      },
      { description: 'Signalling.' },
    ),
    media: group(
      {
        bind: ip({
          description:
            'The address of this machine that media is received on. Its family, IPv4 or IPv6, is that of all media here: an offer with addresses of the other alone is refused with 488 and a Warning.',
          examples: ['127.0.0.1'],
        }),
        advertise: Type.Optional(
          ip({ description: 'The address that peers are told (in SDP), where it is not `bind`.' }),
        ),
        control: Type.Optional(
          remote({
            description:
              'Where the media part of this gateway listens, when that is a process of its own (`tandem media`, with this same file). Unset: media is in the gateway’s own process.',
          }),
        ),
        ports: ports({
          description:
            'The UDP ports for media, both ends included. Below 32768 they cannot collide with ports that the system hands out.',
          default: '20000-29999',
        }),
        silenceLimit: quantity(0, 3600, {
          description: 'Seconds without a packet after which a leg is ended; 0 never ends it.',
          default: 30,
        }),
        sendSilence: yesOrNo({
          description:
            'Whether a peer is sent silence while nothing is played to it and it hears nobody. Without it, carriers that watch their RTP may end calls that wait; with it, a leg that waits costs as many packets as one that is played to.',
          default: true,
        }),
        workers: whole(1, 64, { description: 'How many threads carry media.', default: 1 }),
        audioThreads: whole(1, 64, {
          description:
            'How many threads speak texts and decode files at the most, for all accounts in fairness: none takes a thread for longer than a sentence, and where there are several, one of them only begins what somebody waits to hear.',
          default: 2,
        }),
        relays: whole(0, 64, {
          description:
            'How many of mediasoup’s worker processes run at the most. They carry the media of pipes, and of calls that nothing listens to. With 0, or where the worker is not there, our own code carries both, which takes more processor time.',
          default: 1,
        }),
        codecs: list(oneOf(CODEC_NAMES, { description: 'A codec.' }), {
          description:
            'The codecs that legs may use. Our offers name them in this order, the other party’s codec before the rest; of what others offer, the first that is in the list is taken. G.711 comes first because every telephone has it and it costs least; whoever wants wide-band sound puts G722 or opus first. Where the two parties of a call have no codec in common, their media is transcoded.',
          minItems: 1,
          uniqueItems: true,
          default: [...CODEC_NAMES],
        }),
        pipes: group(
          {
            bind: Type.Optional(
              ip({ description: 'The address of this machine for them, where it is not that of `media`.' }),
            ),
            advertise: Type.Optional(
              ip({ description: 'The address that other gateways are told, where it is not `bind`.' }),
            ),
            ports: ports({ description: 'Their UDP ports, both ends included.', default: '18000-18999' }),
          },
          { description: 'The ends of pipes: encrypted media to and from other gateways.', default: {} },
        ),
      },
      { description: 'Media.' },
    ),
    downloads: group(
      {
        allowPrivateNetworks: allowPrivateNetworks('files to play may be fetched'),
      },
      { description: 'How the files that applications have played are fetched.', default: {} },
    ),
    capacity: whole(1, 100_000, { description: 'How many legs this gateway takes at once.', default: 1000 }),
    retention: group(
      {
        journal: days({
          description:
            'Days for which legs and pipes that have ended, and are stored in every main region, stay in this gateway’s journal; `0` removes them with the next hourly run. A main region that is restored from a backup gets from the journal what it lacks, so keep them for longer than backups are apart.',
          default: 1,
        }),
      },
      { description: 'How long what is over is kept.', default: {} },
    ),
    restartPatience: quantity(0, 300, {
      description:
        'Seconds for which SIGTERM waits for calls that are being set up; connected ones go on after the restart.',
      default: 10,
    }),
    cost: quantity(0, 1_000_000, {
      description: 'What a minute of a call’s media in this region costs us.',
      default: 0,
    }),
    // No default: TypeBox would add it to what is written.
    services: Type.Optional(
      group(
        {
          speech,
          recognition: service('recognition'),
          transcoding: service('transcoding'),
          recording: service('recording'),
          detection: service('detection'),
          conference: service('conference'),
          queue: service('queue'),
        },
        {
          description:
            'The media services of this gateway; those that are not named are used from other regions. Unset: speech, transcoding and detection.',
        },
      ),
    ),
    trunks: list(trunk, { description: 'The providers’ trunks.', default: [] }),
    staticNumbers: list(staticNumber, {
      description:
        'Numbers that this gateway answers itself, also while no main region can be reached. Their calls are shown by the API as all others are, when the link is there.',
      default: [],
    }),
  },
  { description: 'A gateway, with its region’s border unless it is a further one.' },
);

export type RegionConfig = Static<typeof RegionConfig>;
