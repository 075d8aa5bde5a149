import { randomUUID } from 'node:crypto';
import gossipService from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossipMessages from '@eventstore/db-client/generated/gossip_pb.js';
import featuresService from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import featuresMessages from '@eventstore/db-client/generated/serverfeatures_pb.js';
import sharedMessages from '@eventstore/db-client/generated/shared_pb.js';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { Server, ServerCredentials, type ServerWritableStream, type sendUnaryData } from '@grpc/grpc-js';
import { createKurrentTestLog, type KurrentTestLog } from './kurrent-test-log.ts';
import { nameFrom, streamDeleted } from './kurrent-test-messages.ts';
import { answerRead, serveSubscription } from './kurrent-test-read.ts';
import { answerAppend, answerBatchAppend, answerTombstone } from './kurrent-test-write.ts';

export interface KurrentTestServer {
  readonly port: number;
  readonly connectionString: string;
  /** Breaks every connection at once and stops listening. */
  stop(): void;
}

export interface KurrentTestServerOptions {
  /** What the server holds; the default is nothing. */
  readonly log?: KurrentTestLog;
  /** The default is any free port. */
  readonly port?: number;
  /** Whether it offers BatchAppend, as servers from 21.10 do; the default is that it does. */
  readonly batchAppend?: boolean;
}

const supportedMethods = (batchAppend: boolean) => {
  const supported = new featuresMessages.SupportedMethods();
  supported.setEventStoreServerVersion('24.10.0');
  const methods = ['read', 'append', 'delete', 'tombstone', ...(batchAppend ? ['batchappend'] : [])];
  for (const name of methods) {
    const method = new featuresMessages.SupportedMethod();
    method.setServiceName('event_store.client.streams.streams');
    method.setMethodName(name);
    supported.addMethods(method);
  }
  return supported;
};

/** A cluster of one, which leads. */
const members = (port: number) => {
  const endpoint = new gossipMessages.EndPoint();
  endpoint.setAddress('127.0.0.1');
  endpoint.setPort(port);
  const id = new sharedMessages.UUID();
  id.setString(randomUUID());
  const member = new gossipMessages.MemberInfo();
  member.setInstanceId(id);
  member.setState(gossipMessages.MemberInfo.VNodeState.LEADER);
  member.setIsAlive(true);
  member.setHttpEndPoint(endpoint);
  const cluster = new gossipMessages.ClusterInfo();
  cluster.addMembers(member);
  return cluster;
};

const answerReadCall = async (
  log: KurrentTestLog,
  call: ServerWritableStream<ReadReq, ReadResp>,
): Promise<void> => {
  const options = call.request.getOptions()!;
  const identifier = options.getStream()?.getStreamIdentifier();
  const stream = identifier && nameFrom(identifier);
  const deleted = (): boolean => stream !== undefined && log.isDeleted(stream);
  if (!deleted()) {
    if (options.hasSubscription()) await serveSubscription(log, call);
    else await answerRead(log, call);
  }
  if (stream !== undefined && deleted()) call.emit('error', streamDeleted(stream));
  else call.end();
};

/**
 * A server that speaks EventStoreDB's gRPC protocol for the calls that the event store makes, for where no real
 * one is at hand.
 */
export const startKurrentTestServer = async (
  options: KurrentTestServerOptions = {},
): Promise<KurrentTestServer> => {
  const { log = createKurrentTestLog(), port: wantedPort = 0, batchAppend = true } = options;
  const server = new Server({ 'grpc.max_receive_message_length': 17 * 1024 * 1024 });
  server.addService(featuresService.ServerFeaturesService, {
    getSupportedMethods: (_: unknown, answer: sendUnaryData<unknown>) =>
      answer(null, supportedMethods(batchAppend)),
  });
  server.addService(gossipService.GossipService, {
    read: (_: unknown, answer: sendUnaryData<unknown>) => answer(null, members(port)),
  });
  server.addService(streamsService.StreamsService, {
    read: (call: Parameters<typeof answerReadCall>[1]) => void answerReadCall(log, call),
    append: (call: Parameters<typeof answerAppend>[1], answer: Parameters<typeof answerAppend>[2]) =>
      void answerAppend(log, call, answer).catch(() => {}),
    batchAppend: (call: Parameters<typeof answerBatchAppend>[1]) =>
      void answerBatchAppend(log, call).then(
        () => call.end(),
        () => {},
      ),
    tombstone: (call: Parameters<typeof answerTombstone>[1], answer: Parameters<typeof answerTombstone>[2]) =>
      answerTombstone(log, call, answer),
  } as never);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync(`127.0.0.1:${wantedPort}`, ServerCredentials.createInsecure(), (error, port) =>
    error ? reject(error) : resolve(port),
  );
  const port = await promise;
  return {
    port,
    connectionString: `esdb://127.0.0.1:${port}?tls=false`,
    stop: () => server.forceShutdown(),
  };
};
