import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ConfigKind, checkConfig, kindOf, loadConfig } from './load.ts';

const example = (kind: ConfigKind) => join(import.meta.dirname, 'examples', `${kind}.yaml`);
const secrets = { DEMO_AUTH_TOKEN: '0123456789abcdef0123456789abcdef', CARRIER_PASSWORD: 'open sesame' };
const mainText = readFileSync(example('main'), 'utf8');
const regionText = readFileSync(example('region'), 'utf8');

/** The lines of the complaint about a configuration, one a problem. */
function complaints(kind: ConfigKind, text: string, env: NodeJS.ProcessEnv = secrets): string[] {
  try {
    checkConfig(kind, 'my.yaml', text, env);
    return [];
  } catch (error) {
    return (error as Error).message
      .split('\n')
      .slice(1, -1)
      .map((line) => line.trim());
  }
}

describe('loadConfig', () => {
  it('takes the example of a main region and fills the defaults in', () => {
    const config = loadConfig('main', example('main'), secrets);
    expect(config.accounts[0]?.authToken).toBe(secrets.DEMO_AUTH_TOKEN);
    expect(config.numbers[0]).toMatchObject({ voiceMethod: 'POST', fallbackMethod: 'POST' });
  });

  it('takes the example of a region and fills the defaults in', () => {
    const config = loadConfig('region', example('region'), secrets);
    expect(config.media).toMatchObject({ ports: '20000-29999', silenceLimit: 30, workers: 1 });
    expect(config.trunks[0]).toMatchObject({ transport: 'udp', password: 'open sesame' });
  });

  it('needs only what has no default', () => {
    const config = checkConfig(
      'main',
      'my.yaml',
      'main: us1\nstore: sqlite:e.db\ndata: d\nlink: { listen: "127.0.0.1:0", certificates: c }\nregions: [ie1]\n',
      {},
    );
    expect(config).toMatchObject({
      api: { listen: '127.0.0.1:8080' },
      applications: { allowPrivateNetworks: false },
      accounts: [],
      numbers: [],
    });
  });

  it('says that a file is not there', () => {
    expect(() => loadConfig('main', '/nowhere/us1.yaml')).toThrow(
      /\/nowhere\/us1.yaml cannot be read: there is no such/,
    );
  });
});

describe('a complaint', () => {
  it('gives line, column, key, what was written and what to write, for all problems at once', () => {
    const text = mainText
      .replace('127.0.0.1:8080', '127.0.0.1:80800')
      .replace('"+15550100"', '+15550100')
      .replace('link: { listen: 127.0.0.1:7400,', 'link: {');
    expect(complaints('main', text)).toEqual([
      'my.yaml:4:7  link.listen is missing; write an IP address and a port, for example 127.0.0.1:7400.',
      'my.yaml:5:16  api.listen is 127.0.0.1:80800; write an IP address and a port, for example 127.0.0.1:7400.',
      'my.yaml:13:13  numbers[0].number is +15550100; write the number in quotes with + and its country code, for example "+15550100", and put it in quotes.',
    ]);
  });

  it('suggests the key that was meant, and does not call it missing as well', () => {
    expect(complaints('main', mainText.replace('regions:', 'regoins:'))).toEqual([
      'my.yaml:7:1  regoins is no key that is known here; did you mean "regions"?',
    ]);
  });

  it('lists the keys when none is alike', () => {
    expect(complaints('main', mainText.replace('api: {', 'api: { zebra: 1,'))).toEqual([
      'my.yaml:5:8  api.zebra is no key that is known here; the keys are listen, tls.',
    ]);
  });

  it('never shows a secret', () => {
    const message = complaints('main', mainText.replace('${DEMO_AUTH_TOKEN}', 'tooshort')).join();
    expect(message).toContain('accounts[0].authToken is not in the right form (its value is not shown)');
    expect(message).not.toContain('tooshort');
  });

  it.each([
    [
      'main',
      mainText.replace('    account: AC0', '    account: AC1'),
      /numbers\[0\].account is AC1.* write AC0/,
    ],
    [
      'main',
      mainText.replace('127.0.0.1:8080', '127.0.0.1:7400'),
      /api.listen is 127.0.0.1:7400, which link.listen has/,
    ],
    [
      'main',
      mainText.replace('[ie1]', '[]'),
      /regions is an empty list; write a list of at least one region/,
    ],
    [
      'main',
      mainText.replace('false', '[10.0.0.0/33]'),
      /allowPrivateNetworks .* write true, false, or a list/,
    ],
    [
      'region',
      regionText.replace('"tcp:', '"tls:'),
      /sip.listen\[1\] is tls:.* write sip.tls with cert and key/,
    ],
    [
      'region',
      regionText.replace('    username: tandem\n', ''),
      /trunks\[0\].password stands without username/,
    ],
    [
      'region',
      regionText.replace('20000-29999', '29999-20000'),
      /media.ports is 29999-20000; write the first and/,
    ],
    [
      'region',
      regionText.replace('silenceLimit: 30', 'silenceLimit: 30s'),
      /silenceLimit is 30s; write a number from 0/,
    ],
    [
      'region',
      regionText.replace('198.51.100.0/24', '198.51.100.7'),
      /trunks\[0\].allow\[0\] is 198.51.100.7; .*\/32 for/,
    ],
    [
      'region',
      regionText.replace('    dial: "+15550142"\n', ''),
      /staticNumbers\[0\] says nothing of what its callers get; write dial or twiml/,
    ],
    [
      'region',
      regionText.replace('    dial: "+15550142"', '    dial: "+15550142"\n    twiml: <Response/>'),
      /staticNumbers\[0\].dial stands beside twiml; write either/,
    ],
    [
      'region',
      regionText.replace('dial: "+15550142"', 'twiml: <Response><Redirect>/x</Redirect></Response>'),
      /staticNumbers\[0\].twiml cannot be run: .*Redirect asks for another document/,
    ],
    [
      'region',
      regionText.replace('{ name: us1, address: 127.0.0.1:7400 }', '{ name: us1 }'),
      /link.mains\[0\] does not say where it is; write address, or routers/,
    ],
    [
      'region',
      regionText.replace(
        '{ name: us1, address: 127.0.0.1:7400 }',
        '{ name: us1, address: 127.0.0.1:7400, routers: [{ name: r1, address: 127.0.0.1:7400 }] }',
      ),
      /link.mains\[0\].address stands beside routers; write either/,
    ],
    [
      'region',
      regionText.replace(
        'address: 127.0.0.1:7400 }',
        'routers: [{ name: r1, address: 127.0.0.1:7400 }, { name: r1, address: 127.0.0.1:7401 }] }',
      ),
      /link.mains\[0\].routers\[1\].name is r1 again/,
    ],
    [
      'region',
      `${regionText}\nservices: { speech: { proxyOf: de1 } }`,
      /services.speech.proxyOf is de1, which is not among border.peers; add it there/,
    ],
    [
      'region',
      `${regionText}\nservices: { speech: { proxyOf: ie1 } }`,
      /services.speech.proxyOf is ie1, which is this region; write another/,
    ],
    [
      'region',
      regionText.replace('capacity: 1000', 'capacity: many'),
      /capacity is many; write a whole number from 1/,
    ],
    [
      'region',
      regionText.replace('prefixes:', 'transport: sctp\n    prefixes:'),
      /transport is sctp; write one of udp, tcp/,
    ],
    [
      'region',
      regionText.replace('gateway: gw1', 'gateway: gw-1'),
      /gateway is gw-1; write a name of lower-case/,
    ],
  ] as const)('of a %s file names the conflict or the range (%#)', (kind, text, expected) => {
    const all = complaints(kind, text);
    expect(all).toHaveLength(1);
    expect(all[0]).toMatch(expected);
  });

  it('says where the text is not YAML, and how ${} is written within braces', () => {
    const [complaint] = complaints('main', 'main: us1\nlink: { listen: ${LISTEN}, certificates: c }\n');
    expect(complaint).toMatch(/^my.yaml:2:\d+ {2}this is not YAML: .*write "\$\{NAME\}" in quotes/);
  });

  it('says that a file is no map', () => {
    expect(complaints('main', '- main: us1\n')[0]).toMatch(/^my.yaml:1:1 /);
    expect(complaints('main', '')).toContain(
      'my.yaml:1:1  main is missing; write a name of lower-case letters and digits that begins with a letter, at most 32 long, for example ie1.',
    );
  });

  it('says that aliases unfold without end', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]', ...'bcdefg'].map((line, at) => {
      const before = 'abcdef'[at - 1];
      return before ? `${line}: &${line} [${Array(9).fill(`*${before}`).join(', ')}]` : line;
    });
    expect(complaints('main', bomb.join('\n'))).toEqual([
      expect.stringMatching(/^my.yaml:1:1 {2}this cannot be read/),
    ]);
  });

  it('takes keys that JavaScript objects have of themselves for what they are', () => {
    const text = `${mainText}constructor: 1\n__proto__: { polluted: true }\n`;
    expect(complaints('main', text)).toEqual([
      expect.stringMatching(/^my.yaml:17:1 {2}constructor is no key that is known here/),
      expect.stringMatching(/^my.yaml:18:1 {2}__proto__ is no key that is known here/),
    ]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('is all that any text can cause', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), mutated(mainText)), (text) => {
        for (const complaint of complaints('main', text)) expect(complaint).toMatch(/^my.yaml:\d+:\d+ {2}/);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the environment', () => {
  it('gives values to ${NAME}, also within a text, and says which it lacks', () => {
    const text = mainText
      .replace('https://app.example.com', 'https://${HOST}')
      .replace('Demo', () => '$${HOST}');
    const config = checkConfig('main', 'my.yaml', text, { ...secrets, HOST: 'one.example' });
    expect(config.numbers[0]?.voiceUrl).toBe('https://one.example/voice');
    expect(config.accounts[0]?.name).toBe('${HOST}');
    expect(complaints('main', mainText, {})).toEqual([
      'my.yaml:10:16  the environment has no variable DEMO_AUTH_TOKEN; set it, or write $${DEMO_AUTH_TOKEN} if the text is meant.',
    ]);
  });

  it('overrides keys of any type, also such as are not in the file', () => {
    const config = checkConfig('region', 'my.yaml', regionText, {
      ...secrets,
      TANDEM_GATEWAY: 'gw2',
      TANDEM_MEDIA_SILENCE_LIMIT: '0',
      TANDEM_SIP_LISTEN: '["udp:127.0.0.1:0"]',
      TANDEM_SIP_DOMAIN: 'sip.example.net',
    });
    expect(config).toMatchObject({
      gateway: 'gw2',
      media: { silenceLimit: 0 },
      sip: { listen: ['udp:127.0.0.1:0'], domain: 'sip.example.net' },
    });
  });

  it('is named where its value is wrong, and where its name is nearly one that is known', () => {
    const env = {
      ...secrets,
      TANDEM_CAPACITY: 'lots',
      TANDEM_MEDIA_PROTS: '1-2',
      TANDEM_UNRELATED_THING: '1',
    };
    expect(complaints('region', regionText, env)).toEqual([
      'TANDEM_MEDIA_PROTS  no such variable is known; did you mean TANDEM_MEDIA_PORTS?',
      'TANDEM_CAPACITY  capacity is "lots"; write a whole number from 1 to 100000.',
    ]);
  });
});

describe('kindOf', () => {
  it('tells the two kinds apart by their first key, and says what to write when it cannot', () => {
    expect(kindOf('my.yaml', mainText)).toBe('main');
    expect(kindOf('my.yaml', regionText)).toBe('region');
    expect(() => kindOf('my.yaml', 'api: {}')).toThrow(/Begin it with "main: us1"/);
  });
});

/** A text with a few characters exchanged, removed or put in. */
function mutated(text: string): fc.Arbitrary<string> {
  const change = fc.tuple(fc.nat(text.length), fc.nat(4), fc.string({ maxLength: 4 }));
  return fc
    .array(change, { minLength: 1, maxLength: 4 })
    .map((changes) =>
      changes.reduce((now, [at, remove, insert]) => now.slice(0, at) + insert + now.slice(at + remove), text),
    );
}
