import { Type } from '@sinclair/typebox';
import { days, measures } from '@tandem/actors/routing/policy';
import { accountSid, group, list, name, oneOf, pattern, quantity, text, trunkName, whole } from './fields.ts';

const regions = (description: string) =>
  Type.Optional(
    list(name({ description: 'A region.' }), {
      description,
      write: 'a list of regions, for example [ie1, de1]',
    }),
  );
const accounts = (description: string) =>
  Type.Optional(
    list(accountSid({ description: 'An account.' }), { description, write: 'a list of account sids' }),
  );
const words = <const W extends readonly string[]>(known: W, description: string) =>
  Type.Optional(
    list(oneOf(known, { description: 'A word.' }), { description, write: `a list of ${known.join(', ')}` }),
  );
const endpoints = (description: string) =>
  Type.Optional(
    list(text({ description: 'An endpoint.' }), {
      description,
      write: 'a list of numbers, SIP URIs or client: identities, in quotes, for example ["+353*"]',
    }),
  );
const types = ['pstn', 'sip', 'browser', 'mobile'] as const;
const clock = pattern('^[0-9]{2}:[0-9]{2}$', 'a time of day in quotes, for example "22:00"');

const hours = group(
  {
    zone: text({ description: 'The time zone, of the IANA list.' }),
    days: words(
      days,
      'The days; all when it is not there. Hours past midnight belong to the day on which they began.',
    ),
    from: clock({ description: 'From then on.' }),
    until: clock({ description: 'Until before then; not after `from` means the next day.' }),
  },
  { description: 'A part of the day.' },
);

const party = (which: string) =>
  Type.Optional(
    group(
      {
        endpoints: endpoints(`${which} is one of these.`),
        regions: regions(`The leg of ${which.toLowerCase()} is in one of these.`),
        types: words(types, `${which} is of one of these types.`),
      },
      { description: which },
    ),
  );

const when = group(
  {
    accounts: accounts('Calls of one of these accounts, or of their subaccounts.'),
    subaccounts: accounts('Calls of one of these subaccounts.'),
    endpoints: endpoints('Either end is one of these; with `*` at its end, whatever begins so.'),
    regions: regions('A leg of the call is in one of these.'),
    from: party('Who calls'),
    to: party('Who is called'),
    directions: words(['inbound', 'outbound'], 'Calls in one of these directions.'),
    media: words(['audio', 'video', 'screen', 'text'], 'Calls with one of these kinds of media.'),
    hours: Type.Optional(list(hours, { description: 'Calls in one of these hours.' })),
  },
  { description: 'Which calls the policy is for: all that is written has to hold.' },
);

const weight = group(
  {
    region: name({ description: 'The region.' }),
    factor: quantity(0.1, 100, { description: 'By 2, it counts as two regions and twice as far.' }),
  },
  { description: 'How much a region counts against a path.' },
);

/** One entry of `policies`; what it means is in docs/routing.md. */
export const policy = group(
  {
    name: trunkName({ description: 'What decisions call it.' }),
    when: Type.Optional(when),
    prohibit: regions('No packet of the media passes these.'),
    only: regions('Media passes these only.'),
    prefer: regions('Those before all others, the first before the second.'),
    weights: Type.Optional(
      list(weight, { description: 'How much regions count against a path; 1 each otherwise.' }),
    ),
    order: words(measures, 'The measures that decide, the first decides first.'),
    peerToPeer: Type.Optional(
      Type.Boolean({ description: 'Whether media may go past the platform.', write: 'true or false' }),
    ),
    liveCalls: Type.Optional(
      oneOf(['stay', 'move'], {
        description:
          'Whether live calls leave a way that has become poor, or for a much better one. They always leave a broken or prohibited one.',
      }),
    ),
    branches: Type.Optional(
      oneOf(['each', 'whole'], {
        description:
          'Whether the branches of a call with many endpoints are chosen each on its own or as a whole.',
      }),
    ),
    signalling: Type.Optional(
      Type.Boolean({
        description: 'Whether `prohibit`, `only` and `prefer` are also for the choice of the call router.',
        write: 'true or false',
      }),
    ),
  },
  { description: 'A routing policy.' },
);

/** One entry of `routes`. */
export const route = group(
  {
    from: name({ description: 'A region.' }),
    to: name({ description: 'Another region; the way is the same in both directions.' }),
    rtt: quantity(0, 5_000, { description: 'The round trip in milliseconds.' }),
    jitter: quantity(0, 1_000, { description: 'In milliseconds.', default: 0 }),
    loss: quantity(0, 1, { description: 'The share of packets that are lost.', default: 0 }),
    cost: quantity(0, 1e6, { description: 'What a minute of a call’s media costs us.', default: 0 }),
    capacity: whole(0, 1e6, { description: 'The pipes that it may have at the same time.', default: 1_000 }),
  },
  { description: 'What is known of the way between two regions, until it is measured.' },
);

/** One entry of `regionCosts`. */
export const regionCost = group(
  {
    region: name({ description: 'The region.' }),
    cost: quantity(0, 1e6, { description: 'What a minute of a call’s media there costs us.' }),
  },
  { description: 'What a region costs.' },
);
