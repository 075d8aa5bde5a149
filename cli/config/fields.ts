import { isIP } from 'node:net';
import { FormatRegistry, type SchemaOptions, type TSchema, Type } from '@sinclair/typebox';
import { transports } from '@tandem/gateways/sip';
import {
  isCidr,
  isHost,
  isListen,
  isRemote,
  isSipRemote,
  isWebUrl,
  parsePortRange,
  parseSipListener,
} from '../addresses/index.ts';

/** What a configuration key's schema says of it besides its type. */
export interface KeyOptions extends SchemaOptions {
  /** What it is for, with its unit; a sentence of the reference page. */
  readonly description: string;
  /** What to write: "an IP address and a port, for example 127.0.0.1:8080". */
  readonly write: string;
  /** What was written is never shown. */
  readonly secret?: boolean;
}

/** What SIP messages can be sent over. */
export const transportNames: readonly string[] = transports().map(({ name }) => name);

/** The keys' own formats are told apart from everyone else's in TypeBox's one registry by this prefix. */
const FORMATS: Record<string, (text: string) => boolean> = {
  listen: isListen,
  remote: isRemote,
  'sip-remote': isSipRemote,
  host: isHost,
  ip: (text) => isIP(text) !== 0,
  'sip-listen': (text) => transportNames.includes(parseSipListener(text)?.transport ?? ''),
  ports: (text) => parsePortRange(text) !== undefined,
  cidr: isCidr,
  url: isWebUrl,
};
for (const [name, is] of Object.entries(FORMATS)) FormatRegistry.Set(`tandem-${name}`, is);

type Rest = Partial<KeyOptions> & { readonly description: string };

const format = (name: string, write: string) => (options: Rest) =>
  Type.String({ format: `tandem-${name}`, write, ...options });

/** A text of a form that is told by a regular expression. */
export const pattern = (source: string, write: string) => (options: Rest) =>
  Type.String({ pattern: source, write, ...options });

export const listen = format('listen', 'an IP address and a port, for example 127.0.0.1:7400');
export const remote = format(
  'remote',
  'a host and a port, for example 127.0.0.1:7400 or main.example.net:7400',
);
export const sipRemote = format(
  'sip-remote',
  'a host, with or without a port, for example 203.0.113.7:5060 or sip.example.net',
);
export const host = format('host', 'an IP address or a host name, for example 203.0.113.7');
export const ip = format('ip', 'an IP address, for example 203.0.113.7');
export const sipListen = format(
  'sip-listen',
  `${new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(transportNames)} with an IP address and a port, for example udp:127.0.0.1:5060, and what peers reach it by where that is another, as in udp:10.0.0.5:5060 as 203.0.113.7:15060`,
);
export const ports = format('ports', 'the first and the last port, 1024 to 65535, for example 20000-29999');
export const cidr = format(
  'cidr',
  'a network with its prefix length, for example 203.0.113.0/24, or 203.0.113.7/32 for one address',
);
export const url = format(
  'url',
  'a URL that begins with http:// or https://, for example https://app.example.com/voice',
);

// Names become parts of stream names, in which a hyphen separates.
export const name = pattern(
  '^[a-z][a-z0-9]{0,31}$',
  'a name of lower-case letters and digits that begins with a letter, at most 32 long, for example ie1',
);
export const trunkName = pattern(
  '^[a-z0-9][a-z0-9_-]{0,31}$',
  'a name of lower-case letters, digits, - and _, at most 32 long, for example carrier',
);
export const path = pattern('^\\S(?:.*\\S)?$', 'a path');
export const accountSid = pattern(
  '^AC[0-9a-f]{32}$',
  'AC and 32 hexadecimal digits in lower case, for example AC00000000000000000000000000000001',
);
export const phoneNumber = pattern(
  '^\\+[1-9][0-9]{1,14}$',
  'the number in quotes with + and its country code, for example "+15550100"',
);
export const prefix = pattern(
  '^\\+[0-9]{0,15}$',
  'the beginning of numbers in quotes, for example "+1", or "+" for all numbers',
);
export const text = pattern('\\S', 'a text');

/** One of a few words. */
export const oneOf = <const W extends readonly string[]>(words: W, options: Rest) =>
  Type.Union(
    words.map((word) => Type.Literal(word as W[number])),
    { write: `one of ${words.join(', ')}`, ...options },
  );

export const whole = (minimum: number, maximum: number, options: Rest) =>
  Type.Integer({ minimum, maximum, write: `a whole number from ${minimum} to ${maximum}`, ...options });

export const quantity = (minimum: number, maximum: number, options: Rest) =>
  Type.Number({ minimum, maximum, write: `a number from ${minimum} to ${maximum}`, ...options });

/** How long something is kept. */
export const days = (options: Rest) =>
  Type.Union([Type.Literal('never'), Type.Number({ minimum: 0, maximum: 36_500 })], {
    write: 'a number of days from 0 to 36500, or never',
    ...options,
  });

/** Milliseconds of a number of days; nothing for what is never removed. */
export const ageOf = (kept: 'never' | number): number | undefined =>
  kept === 'never' ? undefined : kept * 86_400_000;

export const yesOrNo = (options: Rest) => Type.Boolean({ write: 'true or false', ...options });

export const list = <T extends TSchema>(items: T, options: Rest) =>
  Type.Array(items, { write: `a list, each entry ${writeOf(items)}`, ...options });

export const group = <T extends Record<string, TSchema>>(keys: T, options: Rest) =>
  Type.Object(keys, {
    additionalProperties: false,
    write: `the keys ${Object.keys(keys).join(', ')} below it`,
    ...options,
  });

export const writeOf = (schema: TSchema): string => (schema as unknown as KeyOptions).write;

/** Whether something may be done with private addresses. */
export const allowPrivateNetworks = (what: string, which = 'from') =>
  Type.Union([Type.Boolean(), Type.Array(cidr({ description: 'A network.' }))], {
    description: `Whether ${what} ${which} private addresses: never (\`false\`), ${which} all (\`true\`), or ${which} the networks of this list.`,
    write: 'true, false, or a list of networks, for example [10.0.0.0/8]',
    default: false,
  });
