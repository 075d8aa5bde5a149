import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { checkConfig } from './load.ts';

const base = readFileSync(join(import.meta.dirname, 'examples', 'main.yaml'), 'utf8').replace(
  /^regions: .*/m,
  'regions: [ie1, de1]',
);
const env = { DEMO_AUTH_TOKEN: '0123456789abcdef0123456789abcdef' };
const ACCOUNT = 'AC00000000000000000000000000000001';

const load = (yaml: string) => checkConfig('main', 'my.yaml', `${base}${yaml}`, env);
function complaint(yaml: string): string {
  try {
    load(yaml);
    return '';
  } catch (error) {
    return (error as Error).message.split('\n').slice(1, -1).join('\n');
  }
}

describe('policies', () => {
  it('may be absent', () => {
    expect(load('')).toMatchObject({ policies: [], routes: [], regionCosts: [] });
  });

  it('are taken with every key', () => {
    const { policies } = load(`
policies:
  - name: night
    when:
      accounts: [${ACCOUNT}]
      from: { endpoints: ["+353*"], regions: [ie1], types: [pstn] }
      directions: [inbound]
      media: [audio]
      hours: [{ zone: Europe/Dublin, days: [mon, fri], from: "22:00", until: "06:00" }]
    only: [ie1, us1]
    prefer: [ie1]
    weights: [{ region: us1, factor: 2 }]
    order: [latency, cost]
    peerToPeer: false
    branches: whole
    signalling: true
`);
    expect(policies[0]).toMatchObject({ name: 'night', only: ['ie1', 'us1'], branches: 'whole' });
  });

  it.each([
    ['prohibit: [ie2]', 'policies[0].prohibit[0] is ie2, which is no region here; write ie1.'],
    [
      'when: { to: { regions: [xx9] } }, prohibit: [ie1]',
      'policies[0].when.to.regions[0] is xx9, which is no region here; write us1, ie1, de1.',
    ],
    [
      `when: { accounts: [AC00000000000000000000000000000003] }, prohibit: [ie1]`,
      `policies[0].when.accounts[0] is AC00000000000000000000000000000003, but no account of the list "accounts" has that sid; write ${ACCOUNT}.`,
    ],
    [
      'when: { hours: [{ zone: Europe/Dublino, from: "22:00", until: "06:00" }] }, only: [ie1]',
      'policies[0].when.hours[0].zone is Europe/Dublino, which is no time zone; write one of the IANA list, for example Europe/Dublin.',
    ],
    [
      'when: { hours: [{ zone: UTC, from: "25:00", until: "06:00" }] }, only: [ie1]',
      'policies[0].when.hours[0].from is 25:00; write a time of day from "00:00" to "23:59".',
    ],
    [
      'prohibit: [ie1], prefer: [ie1]',
      'policies[0].prefer[0] is ie1, which the same policy closes; write one that is open, or leave it out.',
    ],
    [
      'only: [ie1], prohibit: [ie1]',
      'policies[0].only leaves no region that "prohibit" does not close; write one that is open.',
    ],
    [
      'when: { directions: [inbound] }',
      'policies[0] says nothing; write prohibit, only, prefer, weights, order, peerToPeer, liveCalls or branches.',
    ],
    [
      'order: [price]',
      'policies[0].order[0] is price; write one of regions, latency, quality, cost, customer-cost.',
    ],
    ['prohibits: [ie1]', 'policies[0].prohibits is no key that is known here; did you mean "prohibit"?'],
  ])('{ %s } is refused', (keys, says) => {
    expect(complaint(`policies: [{ name: one, ${keys} }]\n`)).toContain(says);
  });

  it('have names of their own', () => {
    expect(complaint('policies: [{ name: one, only: [ie1] }, { name: one, only: [de1] }]\n')).toContain(
      'policies[1].name is one again, as in entry 1 of the list; each must differ.',
    );
  });
});

describe('routes', () => {
  it('are filled in', () => {
    expect(load('routes: [{ from: ie1, to: us1, rtt: 90 }]\n').routes).toEqual([
      { from: 'ie1', to: 'us1', rtt: 90, jitter: 0, loss: 0, cost: 0, capacity: 1000 },
    ]);
  });

  it.each([
    [
      'routing: { listen: "127.0.0.1:8080" }',
      'routing.listen is 127.0.0.1:8080, which api.listen has already; write another port.',
    ],
    ['routes: [{ from: ie1, to: us2, rtt: 90 }]', 'routes[0].to is us2, which is no region here; write us1.'],
    ['routes: [{ from: ie1, to: ie1, rtt: 90 }]', 'routes[0].to is ie1, as "from" is; write another region.'],
    [
      'routes: [{ from: ie1, to: us1, rtt: 90 }, { from: us1, to: ie1, rtt: 80 }]',
      'routes[1].to names ie1 and us1 again, as in entry 1 of the list; write each once.',
    ],
    [
      'regionCosts: [{ region: us1, cost: 1 }, { region: us1, cost: 2 }]',
      'regionCosts[1].region names us1 again, as in entry 1 of the list; write each once.',
    ],
  ])('%s is refused', (yaml, says) => {
    expect(complaint(`${yaml}\n`)).toContain(says);
  });
});
