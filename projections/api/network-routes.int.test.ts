import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TandemError } from '@tandem/actors/errors';
import { LiveNetwork } from '@tandem/actors/routing/network';
import type { FastifyInstance } from 'fastify';
import { openFixture } from '../testing/read-model.ts';
import { buildApi } from './create-api.ts';

const OPERATOR = `AC${'1'.repeat(32)}`;
const CUSTOMER = `AC${'2'.repeat(32)}`;
const GW1 = { region: 'ie1', gateway: 'gw1' };
const accounts = [
  { sid: OPERATOR, authToken: 'a-token-of-the-operator', operator: true },
  { sid: CUSTOMER, authToken: 'a-token-of-a-customer' },
];

let fixture: Awaited<ReturnType<typeof openFixture>>;
let app: FastifyInstance;
let network: LiveNetwork;
let drained: string[];

async function ask(method: 'GET' | 'POST', url: string, sid = OPERATOR) {
  const token = accounts.find((account) => account.sid === sid)!.authToken;
  const authorization = `Basic ${Buffer.from(`${sid}:${token}`).toString('base64')}`;
  const answer = await app.inject({ method, url, headers: { authorization } });
  return { status: answer.statusCode, body: answer.body, json: () => answer.json() };
}

beforeAll(async () => {
  fixture = await openFixture();
  network = new LiveNetwork();
  drained = [];
  const started = (gateway: string) =>
    network.take({
      stream: `gateway-ie1-${gateway}`,
      region: 'ie1',
      type: 'GatewayStarted',
      data: {
        region: 'ie1',
        gateway,
        node: `ie1/${gateway}-1`,
        version: '0.1.0',
        capacity: 10,
        addresses: ['sip:192.0.2.1:5060;transport=udp'],
        kinds: ['sip'],
        codecs: ['PCMU'],
        trunks: [{ name: 'carrier', prefixes: ['+'], cost: 0, customerCost: 0 }],
        services: [{ name: 'speech', capacity: 5, cost: 0 }],
      },
    });
  started('gw1');
  started('gw2');
  network.take({
    stream: 'region-ie1',
    region: 'ie1',
    type: 'RegionStarted',
    data: {
      region: 'ie1',
      node: 'ie1/gw1-1',
      version: '0.1.0',
      cost: 0,
      peers: [{ region: 'us1', cost: 0, capacity: 5 }],
    },
  });
  network.linked(GW1);
  network.unlinked({ region: 'ie1', gateway: 'gw2' }, 'link.lost');
  network.reported(GW1, {
    legs: 4,
    draining: false,
    services: [{ name: 'speech', sessions: 2, healthy: true }],
    routes: [],
    trunks: [{ name: 'carrier', up: true, heard: { streams: 1, packets: 9, loss: 0, jitter: 1, mos: 4.2 } }],
    worst: [
      {
        legId: 'LE1',
        callSid: 'CA1',
        trunk: '',
        told: { streams: 1, packets: 50, loss: 0.1, jitter: 9, roundTrip: 80, mos: 3.1 },
      },
    ],
    sipUris: { heard: { streams: 1, packets: 5, loss: 0, jitter: 2 } },
    contested: { legs: 2, packets: 500 },
  });
  app = await buildApi({
    ...fixture,
    accounts,
    network: {
      current: () => network.current(),
      gateways: () => network.gateways(),
      async drain({ region, gateway }, draining) {
        if (drained.length > 2) throw new TandemError('api.gateway-away', { gateway });
        drained.push(`${region}/${gateway} ${draining}`);
        return drained.length === 1;
      },
    },
    perSecond: 100_000,
  });
});
afterAll(async () => {
  network.close();
  await app.close();
  await fixture.close();
});

describe('the network through the API', () => {
  it('tells of gateways: health, load and quality', async () => {
    const { status, json } = await ask('GET', '/v1/gateways');
    expect(status).toBe(200);
    expect(json().gateways).toEqual([
      {
        region: 'ie1',
        name: 'gw1',
        healthy: true,
        linked: true,
        draining: false,
        legs: 4,
        capacity: 10,
        addresses: ['sip:192.0.2.1:5060;transport=udp'],
        node: 'ie1/gw1-1',
        version: '0.1.0',
        trunks: [
          {
            name: 'carrier',
            up: true,
            told: null,
            heard: { streams: 1, packets: 9, loss: 0, jitter: 1, round_trip: null, mos: 4.2 },
          },
        ],
        sip_uris: {
          heard: { streams: 1, packets: 5, loss: 0, jitter: 2, round_trip: null, mos: null },
          told: null,
        },
        contested: { legs: 2, packets: 500 },
        worst_legs: [
          {
            sid: 'LE1',
            call_sid: 'CA1',
            trunk: null,
            heard: null,
            told: { streams: 1, packets: 50, loss: 0.1, jitter: 9, round_trip: 80, mos: 3.1 },
          },
        ],
      },
      expect.objectContaining({ name: 'gw2', linked: false, worst_legs: [], contested: null }),
    ]);
  });

  it('tells of regions: services, and the ways to others', async () => {
    const { json } = await ask('GET', '/v1/regions');
    expect(json().regions).toMatchObject([
      {
        name: 'ie1',
        main: false,
        healthy: true,
        gateways: ['gw1', 'gw2'],
        services: [
          { name: 'speech', gateway: 'gw1', load: 2, capacity: 5, healthy: true, proxy_of: null },
          { gateway: 'gw2', load: 0 },
        ],
        routes: [{ to: 'us1', up: false, measured: false, capacity: 5 }],
      },
    ]);
  });

  it('has gateways drain and resume, if they are there', async () => {
    const drain = await ask('POST', '/v1/gateways/ie1/gw1/drain');
    expect(drain.json()).toMatchObject({ changed: true, gateway: { name: 'gw1', draining: true } });
    const resume = await ask('POST', '/v1/gateways/ie1/gw1/drain?resume=true');
    expect(resume.json()).toMatchObject({ changed: false, gateway: { draining: false } });
    expect(drained).toEqual(['ie1/gw1 true', 'ie1/gw1 false']);
    expect((await ask('POST', '/v1/gateways/ie1/gw2/drain')).json()).toMatchObject({
      error: 'api.gateway-away',
    });
    expect((await ask('POST', '/v1/gateways/ie1/gw3/drain')).status).toBe(404);
  });

  it('writes DNS records', async () => {
    const { status, body } = await ask('GET', '/v1/dns?domain=sip.example.com');
    expect(status).toBe(200);
    expect(body).toContain('_sip._udp.ie1.sip.example.com. 30 IN SRV 10 600 5060 gw1.ie1.sip.example.com.');
    expect((await ask('GET', '/v1/dns')).status).toBe(400);
    expect((await ask('GET', '/v1/dns?domain=a%0Ab')).status).toBe(400);
  });

  it.each(['/v1/regions', '/v1/gateways', '/v1/dns?domain=a.b'])(
    'shows %s to operators only',
    async (url) => {
      expect((await ask('GET', url, CUSTOMER)).json()).toMatchObject({ error: 'api.not-operator' });
      expect((await app.inject({ url })).statusCode).toBe(401);
    },
  );

  it('takes no order to drain from anybody else', async () => {
    const before = drained.length;
    expect((await ask('POST', '/v1/gateways/ie1/gw1/drain', CUSTOMER)).status).toBe(403);
    expect(drained).toHaveLength(before);
  });
});
