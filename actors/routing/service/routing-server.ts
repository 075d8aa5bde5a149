import { type handleUnaryCall, Server, type ServiceError, status } from '@grpc/grpc-js';
import { asRecorded, isTandemError } from '../../errors/index.ts';
import { type LinkLog, listenForRegions, silentLog } from '../../link/index.ts';
import type { LinkTls } from '../../peers/index.ts';
import { type Question, type RoutingReply, routingMethods } from './routing-methods.ts';
import type { RoutingService, Reply as ServiceReply } from './routing-service.ts';

/** A question of 64 legs is a tenth of it. */
const MOST_BYTES = 262_144;

export interface RoutingServerOptions {
  /** Where to listen; port 0 takes a free one. */
  readonly address: { readonly host: string; readonly port: number };
  /** As on the region link: whoever has a certificate of the authority may ask. */
  readonly tls: LinkTls;
  readonly service: RoutingService;
  readonly log?: LinkLog;
}

export interface RoutingServer {
  readonly port: number;
  /** Ends what is being answered, and gives the port back. */
  close(): Promise<void>;
}

/** Answers `tandem.routing.v1.RoutingPolicy` over mutual TLS. @throws link.listen-failed */
export async function createRoutingServer(options: RoutingServerOptions): Promise<RoutingServer> {
  const { address, tls, service, log = silentLog } = options;
  const server = new Server({
    'grpc.max_receive_message_length': MOST_BYTES,
    'grpc.max_concurrent_streams': 100,
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 10_000,
  });

  const answering =
    <Choice>(
      ask: (question: unknown) => ServiceReply<Choice>,
    ): handleUnaryCall<Question, RoutingReply<Choice>> =>
    ({ request }, callback) => {
      try {
        const { answer, decision } = ask(request);
        callback(null, { ...(answer.chosen && { chosen: answer.chosen }), decision });
      } catch (error) {
        const { code, message } = asRecorded(error);
        const bad = isTandemError(error, 'routing.bad-question');
        if (!bad) log.warn({ code, message }, 'routing: a question could not be answered');
        const refusal: Partial<ServiceError> = {
          code: bad ? status.INVALID_ARGUMENT : status.INTERNAL,
          details: bad ? message : 'Something failed that should not.',
        };
        callback(refusal);
      }
    };
  server.addService(routingMethods, {
    chooseRouter: answering(service.router),
    chooseGateway: answering(service.gateway),
    choosePath: answering(service.path),
    getNetwork: ((_call, callback) => callback(null, service.network())) satisfies handleUnaryCall<
      unknown,
      unknown
    >,
  });
  const listener = await listenForRegions(server, address, tls);
  return { port: listener.port, close: () => listener.close() };
}
