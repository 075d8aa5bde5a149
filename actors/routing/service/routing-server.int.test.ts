import { Client, credentials, type MethodDefinition, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeCertificates } from '../../peers/testing/make-certificates.ts';
import type { LinkTls } from '../../peers/tls.ts';
import { chooseGateway } from '../choice/choose-gateway.ts';
import { choosePath } from '../choice/choose-path.ts';
import { chooseRouter } from '../choice/choose-router.ts';
import { plannedNetwork } from '../network/static-network.ts';
import { fixedPolicies } from '../policy/policies-view.ts';
import type { Policy } from '../policy/policy.ts';
import type { GatewayRequest, PathRequest, RouterRequest } from '../question/questions.ts';
import { recordDecision } from '../question/record-decision.ts';
import { routingMethods } from './routing-methods.ts';
import { createRoutingServer, type RoutingServer } from './routing-server.ts';
import { createRoutingService } from './routing-service.ts';

const network = plannedNetwork({
  regions: [
    {
      name: 'ie1',
      gateways: [
        { name: 'gw1', kinds: ['sip', 'client'], trunks: [{ name: 'carrier', prefixes: ['+353'] }] },
      ],
    },
    {
      name: 'us1',
      cost: 0.5,
      routers: [{ name: 'router-1' }],
      gateways: [{ name: 'gw1', trunks: [{ name: 'other', cost: 0.01 }] }],
      services: [
        { name: 'recording', gateway: 'gw1' },
        { name: 'speech', gateway: 'gw1', proxyOf: 'ie1', cost: 1 },
      ],
    },
  ],
  routes: [{ from: 'ie1', to: 'us1', rtt: 90, mos: 4, poor: false, measured: true }],
});
const policies: Policy[] = [{ name: 'cheap', order: ['cost'] }];
const NOON = Date.UTC(2026, 10, 23, 12);
const subject = {
  callSid: 'CA1',
  accountSid: 'AC1',
  from: '+15550111',
  to: '+353861234567',
  direction: 'inbound' as const,
  time: NOON,
};

let certificates: Record<string, LinkTls>;
let strangers: Record<string, LinkTls>;
let server: RoutingServer;
const clients: Client[] = [];

beforeAll(async () => {
  certificates = await makeCertificates();
  strangers = await makeCertificates();
  server = await createRoutingServer({
    address: { host: '127.0.0.1', port: 0 },
    tls: certificates.main!,
    service: createRoutingService({
      view: { current: () => network },
      policies: fixedPolicies(policies),
      now: () => NOON,
    }),
  });
});
afterAll(async () => {
  for (const client of clients) client.close();
  await server.close();
});

function connect({ key, cert }: LinkTls = certificates.ie1!): Client {
  const client = new Client(
    `127.0.0.1:${server.port}`,
    credentials.createSsl(certificates.ie1!.ca, key, cert),
    {
      'grpc.ssl_target_name_override': 'main',
    },
  );
  clients.push(client);
  return client;
}

const ask = <Q, R>(method: MethodDefinition<Q, R>, question: unknown, client = connect()): Promise<R> =>
  new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      question as Q,
      { deadline: Date.now() + 10_000 },
      (error, reply) => (error ? reject(error) : resolve(reply!)),
    );
  });

describe('the routing policy over gRPC', () => {
  it('chooses a router', async () => {
    const request: RouterRequest = { ...subject, region: 'ie1' };
    const answer = chooseRouter(request, network, policies);
    const { time: _, ...untimed } = request;
    for (const question of [request, untimed])
      expect(await ask(routingMethods.chooseRouter, question)).toEqual({
        chosen: answer.chosen,
        decision: recordDecision(answer, request, network),
      });
  });

  it('chooses a gateway', async () => {
    const request: GatewayRequest = { ...subject, near: { region: 'us1', gateway: 'gw1', codecs: ['PCMU'] } };
    const answer = chooseGateway(request, network, policies);
    expect(await ask(routingMethods.chooseGateway, request)).toEqual({
      chosen: answer.chosen,
      decision: recordDecision(answer, request, network),
    });
  });

  it('chooses a path', async () => {
    const request: PathRequest = {
      ...subject,
      legs: ['ie1', 'us1'].map((region, index) => ({
        legId: `LE${index}`,
        region,
        gateway: 'gw1',
        mediaTypes: ['audio'],
        codecs: ['PCMU'],
      })),
      needs: [{ service: 'recording', kind: 'side' }],
    };
    const answer = choosePath(request, network, policies);
    expect(await ask(routingMethods.choosePath, request)).toEqual({
      chosen: answer.chosen,
      decision: recordDecision(answer, request, network),
    });
  });

  it('answers that there is none, with the reason', async () => {
    const reply = await ask(routingMethods.chooseGateway, { ...subject, to: 'client:alice' });
    expect(reply.chosen).toBeUndefined();
    expect(reply.decision.reasons).toEqual(['No gateway has a way to client:alice.']);
  });

  it('shows the network', async () => {
    expect(await ask(routingMethods.getNetwork, {})).toEqual(network);
  });

  it.each([
    ['/callSid', { ...subject, callSid: '', region: 'ie1' }],
    ['/direction', { ...subject, direction: 'sideways', region: 'ie1' }],
    ['/region', { ...subject, region: '' }],
  ])('refuses a question that is not in order at %s', async (key, question) => {
    await expect(ask(routingMethods.chooseRouter, question)).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining(`not in order at ${key}: `),
    });
  });

  it('refuses bytes that are no question', async () => {
    const raw = { ...routingMethods.choosePath, requestSerialize: () => Buffer.from([0xff, 0xff]) };
    await expect(ask(raw, {})).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
  });

  it('answers nobody whose certificate is of another authority', async () => {
    await expect(ask(routingMethods.getNetwork, {}, connect(strangers.ie1))).rejects.toMatchObject({
      code: status.UNAVAILABLE,
    });
  });
});
