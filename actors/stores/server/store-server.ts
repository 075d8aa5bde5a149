import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import gossipService from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossipMessages from '@eventstore/db-client/generated/gossip_pb.js';
import featuresService from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import featuresMessages from '@eventstore/db-client/generated/serverfeatures_pb.js';
import sharedMessages from '@eventstore/db-client/generated/shared_pb.js';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import {
  Server,
  ServerCredentials,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { asRecorded, isTandemError, TandemError } from '../../errors/index.ts';
import { refused, serverFault, streamDeleted } from './messages.ts';
import { serveRead, serveSubscription } from './serve-reads.ts';
import { MAX_APPEND_SIZE, serveAppend, serveBatchAppend, serveTombstone } from './serve-writes.ts';
import { type ClusterMember, type ServedLog, ServerFault } from './served-log.ts';

export interface StoreServer {
  readonly port: number;
  /** For `@eventstore/db-client`, and for `store` in a main region's configuration. */
  readonly connectionString: string;
  /** Takes nothing more, waits for what is being written, ends subscriptions and gives the port back. */
  close(): Promise<void>;
  /** Breaks every connection at once and stops listening. */
  kill(): void;
}

export interface StoreServerOptions {
  /** What it serves. Whoever opened it closes it, after the server. */
  readonly log: ServedLog;
  /** A loopback address: nobody is asked who they are, and nothing is encrypted. Default `127.0.0.1`. */
  readonly host?: string;
  /** The default is any free port. */
  readonly port?: number;
  /** Whether it offers BatchAppend, as servers from 21.10 do; the default is that it does. */
  readonly batchAppend?: boolean;
  /** Bytes of one append; 1 MiB unless given. */
  readonly maxAppendSize?: number;
  /** What its gossip says of the cluster, once it listens on its port; one node, which leads, unless given. */
  readonly members?: (port: number) => readonly ClusterMember[];
  /** Called with what failed that no caller is to blame for. */
  readonly onError?: (error: unknown) => void;
}

/** Bytes of one message; an append of more than EventStoreDB takes is still read, to be refused by name. */
const MOST_RECEIVED = 4 * 1024 * 1024;
/** Calls of one connection at a time. */
const MOST_CALLS = 1000;

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

const memberInfo = ({ host, port, state, isAlive }: ClusterMember) => {
  const { LEADER, FOLLOWER } = gossipMessages.MemberInfo.VNodeState;
  const endpoint = new gossipMessages.EndPoint();
  endpoint.setAddress(host);
  endpoint.setPort(port);
  const id = new sharedMessages.UUID();
  id.setString(randomUUID());
  const member = new gossipMessages.MemberInfo();
  member.setInstanceId(id);
  member.setState(state === 'leader' ? LEADER : FOLLOWER);
  member.setIsAlive(isAlive);
  member.setHttpEndPoint(endpoint);
  return member;
};

const gossip = (members: readonly ClusterMember[]) => {
  const cluster = new gossipMessages.ClusterInfo();
  for (const member of members) cluster.addMembers(memberInfo(member));
  return cluster;
};

const isLoopback = (host: string): boolean => host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

type ReadCall = ServerWritableStream<ReadReq, ReadResp>;

/**
 * Serves a log by EventStoreDB's gRPC protocol, as far as an event store of Tandem's speaks it: reads, appends one by
 * one and batched, tombstones, subscriptions. It lets several processes of one machine share the embedded store; it
 * is no cluster, and asks nobody who they are.
 *
 * @throws store.listen-failed
 */
export const startStoreServer = async (options: StoreServerOptions): Promise<StoreServer> => {
  const { log, host = '127.0.0.1', port: wanted = 0, batchAppend = true, onError = () => {} } = options;
  const { maxAppendSize = MAX_APPEND_SIZE } = options;
  const alone = (own: number): ClusterMember[] => [{ host, port: own, state: 'leader', isAlive: true }];
  const { members = alone } = options;
  const address = `${host.includes(':') ? `[${host}]` : host}`;
  if (!isLoopback(host))
    throw new TandemError('store.listen-failed', {
      address: `${address}:${wanted}`,
      detail: 'it is no loopback address, and the server asks nobody who they are',
    });
  const server = new Server({
    'grpc.max_receive_message_length': MOST_RECEIVED,
    'grpc.max_concurrent_streams': MOST_CALLS,
  });
  const subscriptions = new Set<() => Promise<void>>();
  const writing = new Set<Promise<void>>();
  let closing = false;

  const hold = (work: Promise<void>): void => {
    const held: Promise<void> = work.finally(() => writing.delete(held));
    writing.add(held);
  };
  const asFault = (error: unknown) => {
    if (error instanceof ServerFault) return serverFault(error);
    if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'number')
      return error as ReturnType<typeof refused>;
    onError(error);
    return refused(status.UNAVAILABLE, asRecorded(error).message);
  };
  const isClosing = refused(status.UNAVAILABLE, 'the store server is being stopped');

  const read = async (call: ReadCall): Promise<void> => {
    try {
      if (closing) throw isClosing;
      if (call.request.getOptions()?.hasSubscription()) await serveSubscription(log, call, subscriptions);
      else await serveRead(log, call);
      call.end();
    } catch (error) {
      const deleted = isTandemError(error, 'store.stream-deleted');
      if (!call.cancelled)
        call.emit('error', deleted ? streamDeleted(String(error.params.stream)) : asFault(error));
    }
  };

  server.addService(featuresService.ServerFeaturesService, {
    getSupportedMethods: (_: unknown, answer: sendUnaryData<unknown>) =>
      answer(null, supportedMethods(batchAppend)),
  });
  server.addService(gossipService.GossipService, {
    read: (_: unknown, answer: sendUnaryData<unknown>) => answer(null, gossip(members(port))),
  });
  server.addService(streamsService.StreamsService, {
    read: (call: ReadCall) => void read(call),
    append: (call: Parameters<typeof serveAppend>[1], answer: Parameters<typeof serveAppend>[2]) =>
      closing ? answer(isClosing) : hold(serveAppend(log, call, answer, maxAppendSize).catch(() => {})),
    batchAppend: (call: Parameters<typeof serveBatchAppend>[1]) => {
      if (closing) return call.emit('error', isClosing);
      serveBatchAppend(log, call, hold, maxAppendSize).then(
        () => call.end(),
        (error) => call.cancelled || call.emit('error', asFault(error)),
      );
    },
    tombstone: (call: Parameters<typeof serveTombstone>[1], answer: Parameters<typeof serveTombstone>[2]) =>
      closing
        ? answer(isClosing)
        : hold(serveTombstone(log, call, answer).catch((error) => answer(asFault(error)))),
  } as never);

  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync(`${address}:${wanted}`, ServerCredentials.createInsecure(), (error, port) =>
    error
      ? reject(
          new TandemError('store.listen-failed', { address: `${address}:${wanted}`, detail: error.message }),
        )
      : resolve(port),
  );
  const port = await promise;
  return {
    port,
    connectionString: `esdb://${address}:${port}?tls=false`,
    async close() {
      closing = true;
      await Promise.all([...subscriptions].map((stop) => stop()));
      while (writing.size > 0) await Promise.all(writing);
      server.forceShutdown();
    },
    kill: () => server.forceShutdown(),
  };
};
