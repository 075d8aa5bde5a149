import type { AddressInfo } from 'node:net';
import type { Server } from 'node:tls';
import swagger from '@fastify/swagger';
import { Type } from '@sinclair/typebox';
import { TandemError } from '@tandem/actors/errors';
import type { RoutingService } from '@tandem/actors/routing/service';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { CallResource } from '../calls/index.ts';
import type { Reads } from '../reads/index.ts';
import { type ApiAccount, createAuthenticate } from './accounts.ts';
import { callsRoutes } from './calls-routes.ts';
import { decisionsRoutes } from './decisions-routes.ts';
import { asShown, ErrorAnswer, errorAnswer } from './error-answer.ts';
import { FailedLogIns } from './failed-log-ins.ts';
import { historyRoutes } from './history-routes.ts';
import { type NetworkSource, networkRoutes } from './network-routes.ts';
import { newestCallsRoute } from './newest-calls-route.ts';
import { type PoliciesSource, policiesRoutes } from './policies-routes.ts';
import { RateLimit } from './rate-limit.ts';
import { routingRoutes } from './routing-routes.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The account that asks. Set on every route that needs one. */
    accountSid: string;
  }
}

/** Where the API tells what goes wrong; pino\u2019s loggers fit. */
export interface ApiLog {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** PEM. */
export interface ApiTls {
  /** The certificate chain. */
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface ApiOptions {
  /** What there is to read of calls, off this thread. */
  readonly reads: Reads;
  readonly accounts: readonly ApiAccount[];
  /** The live network, for operators; without one there are no routes about it. */
  readonly network?: NetworkSource;
  /** The routing policy, to be asked; without it there are no routes for that. */
  readonly routing?: RoutingService;
  /** The routing policies in force, for operators to see and change; without them there are no routes for that. */
  readonly policies?: PoliciesSource;
  /** Why nothing can be stored, or why the read models do not follow the events now; nothing when all is well. */
  readonly failure?: () => unknown;
  /** Events that were set aside, since a read model or the router could not take them. */
  readonly setAside?: () => number;
  readonly log?: ApiLog;
  /** Requests a second that each account may make. */
  readonly perSecond?: number;
  /** What it shows who connects; without it requests and tokens travel in the clear. */
  readonly tls?: ApiTls;
}

/** The API without a socket: for tests, and to write its OpenAPI document. */
export async function buildApi(options: ApiOptions): Promise<FastifyInstance> {
  const { reads, accounts, network, failure = () => undefined, log, perSecond = 100 } = options;
  const app: FastifyInstance = Fastify({
    https: options.tls === undefined ? null : { ...options.tls, minVersion: 'TLSv1.2' },
    bodyLimit: 65_536,
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    forceCloseConnections: true,
    // A filter that is not known would otherwise be ignored, and the list taken for a filtered one.
    ajv: { customOptions: { removeAdditional: false } },
  });
  app.setErrorHandler((error, request, reply) => {
    if (asShown(error).code === 'api.failed')
      log?.error({ err: error, method: request.method, path: request.routeOptions.url }, 'a request failed');
    return sendError(reply, error);
  });
  app.setNotFoundHandler((_request, reply) =>
    sendError(reply, new TandemError('api.not-found', { what: 'path' })),
  );
  app.addSchema(CallResource);
  app.addSchema(ErrorAnswer);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tandem',
        description: 'Calls, their history, and their state at any moment.',
        version: '1',
      },
      components: { securitySchemes: { account: { type: 'http', scheme: 'basic' } } },
    },
    refResolver: { buildLocalReference: ({ $id }, _base, _fragment, index) => String($id ?? index) },
  });

  await app.register(async (open) => {
    open.get('/v1/health', { schema: healthSchema }, async (_request, reply) => {
      const healthy = failure() === undefined;
      const setAside = options.setAside?.() ?? 0;
      return reply.code(healthy ? 200 : 503).send({ status: healthy ? 'ok' : 'not well', setAside });
    });
    open.get('/v1/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  });

  await app.register(async (own) => {
    const authenticate = createAuthenticate(accounts);
    const rate = new RateLimit(perSecond);
    const failedLogIns = new FailedLogIns({
      say: (failed) => log?.warn(failed, 'log-ins to the API have failed'),
    });
    own.decorateRequest('accountSid', '');
    own.addHook('onRoute', (route) => {
      route.schema = { ...route.schema, security: [{ account: [] }] };
    });
    own.addHook('onRequest', async (request) => {
      failedLogIns.check(request.ip);
      try {
        request.accountSid = authenticate(request.headers.authorization);
      } catch (error) {
        // Stock clients ask without credentials first.
        if (request.headers.authorization !== undefined) failedLogIns.failed(request.ip);
        throw error;
      }
      rate.take(request.accountSid);
    });
    callsRoutes(own, reads);
    historyRoutes(own, reads);
    const isOperator = (sid: string): boolean => accounts.some((one) => one.sid === sid && one.operator);
    decisionsRoutes(own, reads, isOperator);
    if (options.routing) routingRoutes(own, options.routing, isOperator);
    await own.register(async (operated) => {
      operated.addHook('onRequest', async (request) => {
        if (!isOperator(request.accountSid)) throw new TandemError('api.not-operator', {});
      });
      newestCallsRoute(operated, reads);
      if (network) networkRoutes(operated, network);
      if (options.policies) policiesRoutes(operated, options.policies);
    });
  });
  return app;
}

const HealthAnswer = Type.Object({
  status: Type.String(),
  setAside: Type.Integer({
    description: 'Events that could not be taken and are left out, since they are not what they should be',
  }),
});

const healthSchema = {
  summary: 'Whether the API answers and its read models follow the events',
  response: { '2xx': HealthAnswer, 503: HealthAnswer },
};

function sendError(reply: FastifyReply, error: unknown) {
  const answer = errorAnswer(error);
  if (answer.status === 401) reply.header('WWW-Authenticate', 'Basic realm="Tandem", charset="UTF-8"');
  return reply.code(answer.status).type('application/json; charset=utf-8').send(answer);
}

/** Connections at once; more are closed as they come. */
const MOST_CONNECTIONS = 1_000;

export interface Api {
  readonly port: number;
  /** Shows another certificate to whoever connects from now on. @throws when it is none, or its key is another's */
  renew(tls: ApiTls): void;
  /** Ends connections; store and read models belong to whoever opened them. */
  close(): Promise<void>;
}

/**
 * Serves the API.
 *
 * @throws api.address-in-use, api.cannot-listen
 */
export async function createApi(
  options: ApiOptions & { readonly listen: { readonly host: string; readonly port: number } },
): Promise<Api> {
  const { host, port } = options.listen;
  const app = await buildApi(options);
  app.server.maxConnections = MOST_CONNECTIONS;
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      throw new TandemError('api.address-in-use', { address: host, port }, { cause: error });
    throw new TandemError('api.cannot-listen', { address: host, port, detail: message }, { cause: error });
  }
  return {
    port: (app.server.address() as AddressInfo).port,
    renew: (tls) => (app.server as unknown as Server).setSecureContext({ ...tls }),
    close: () => app.close(),
  };
}
