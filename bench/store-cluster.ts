import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { EventStoreDBClient, NO_STREAM } from '@eventstore/db-client';
import sharedMessages from '@eventstore/db-client/generated/shared_pb.js';
import streamsMessages from '@eventstore/db-client/generated/streams_pb.js';
import { Client, credentials } from '@grpc/grpc-js';
import { isTandemError } from '@tandem/actors/errors';
import type { EventStore, NewEvent } from '@tandem/actors/stores/event-store';
import { metadataOf, openKurrentEventStore, toKurrentEvent } from '@tandem/actors/stores/kurrent';
import { freePort } from '@tandem/actors/testing/free-port.ts';
import { collectGarbage } from './collect-garbage.ts';
import type { Aim, Figure, Measurement } from './figure.ts';
import { legStories } from './leg-story.ts';
import { nearest } from './statistics.ts';
import { storedEvent } from './stored-event.ts';
import { inTemporaryDirectory } from './temporary.ts';

const AT_ONCE = 256;
/** Batches of so many a round. */
const BATCHES = 16;
const ROUNDS = 9;
/** Milliseconds of the client's CPU for an append. */
const LIMIT = 0.06;

const program = fileURLToPath(import.meta.resolve('@tandem/cli/main.ts'));

interface Entry {
  readonly stream: string;
  readonly event: NewEvent;
}

/** Prepares appends, which is not measured. */
type Way = (entries: readonly Entry[]) => {
  /** Sends all at once, and waits for their answers. */
  send(): Promise<unknown>;
};

/** Events of legs, each for a stream of its own, so that none waits for another. */
const entriesOf = (round: number): Entry[] =>
  legStories(Math.ceil(AT_ONCE / 8), round)
    .flatMap(({ messages }) => messages)
    .slice(0, AT_ONCE)
    .map((message) => ({ stream: `leg-${randomUUID()}`, event: storedEvent(message) }));

/** One append as its bytes are on the wire, but for gRPC's and HTTP/2's own. */
function encoded({ stream, event }: Entry): Buffer {
  const id = new sharedMessages.UUID();
  id.setString(event.id);
  const message = new streamsMessages.BatchAppendReq.ProposedMessage();
  message.setId(id);
  message.getMetadataMap().set('type', event.type).set('content-type', 'application/json');
  message.setData(Buffer.from(JSON.stringify(event.data)));
  message.setCustomMetadata(Buffer.from(JSON.stringify(metadataOf(event))));
  const identifier = new sharedMessages.StreamIdentifier();
  identifier.setStreamName(Buffer.from(stream));
  const options = new streamsMessages.BatchAppendReq.Options();
  options.setStreamIdentifier(identifier);
  options.setNoStream(new sharedMessages.Empty() as never);
  const correlation = new sharedMessages.UUID();
  correlation.setString(randomUUID());
  const request = new streamsMessages.BatchAppendReq();
  request.setOptions(options);
  request.setCorrelationId(correlation);
  request.setIsFinal(true);
  request.addProposedMessages(message);
  return Buffer.from(request.serializeBinary());
}

/** BatchAppend with bytes that are there already, whose answers are counted and not looked into. */
function bareGrpc(port: number) {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const same = (bytes: Buffer): Buffer => bytes;
  const call = client.makeBidiStreamRequest('/event_store.client.streams.Streams/BatchAppend', same, same);
  let answers = 0;
  let wanted = Number.POSITIVE_INFINITY;
  let arrived = (): void => {};
  call.on('error', () => {});
  call.on('data', () => {
    answers += 1;
    if (answers === wanted) arrived();
  });
  const way: Way = (entries) => {
    const requests = entries.map(encoded);
    return {
      send() {
        wanted = answers + requests.length;
        const { promise, resolve } = Promise.withResolvers<void>();
        arrived = resolve;
        for (const request of requests) call.write(request);
        return promise;
      },
    };
  };
  return {
    way,
    close() {
      call.cancel();
      client.close();
    },
  };
}

/** Appends once, as soon as the server takes it. @throws when the server has ended */
async function untilItAnswers(store: EventStore, server: ChildProcess): Promise<void> {
  const [{ stream, event }] = entriesOf(0) as [Entry, ...Entry[]];
  for (;;) {
    if (server.exitCode !== null) throw new Error(`the store server ended with ${server.exitCode}`);
    try {
      await store.append(stream, 'no-stream', [event]);
      return;
    } catch (error) {
      if (!isTandemError(error, 'store.unavailable')) throw error;
    }
    await pause(100);
  }
}

/** Milliseconds of this process's CPU for an append, all threads, and appends per second of the clock on the wall. */
async function cost(way: Way, round: number): Promise<{ cpu: number; rate: number }> {
  const batches = Array.from({ length: BATCHES }, (_, index) => way(entriesOf(round * BATCHES + index)));
  collectGarbage();
  const [start, before] = [performance.now(), process.cpuUsage()];
  for (const { send } of batches) await send();
  const { user, system } = process.cpuUsage(before);
  const appends = BATCHES * AT_ONCE;
  return { cpu: (user + system) / 1000 / appends, rate: appends / ((performance.now() - start) / 1000) };
}

export const storeCluster: Measurement = {
  name: 'store-cluster',
  about: 'what an append over EventStoreDB’s protocol costs its client, by layer',
  measure: (say) =>
    inTemporaryDirectory(async (directory): Promise<Figure[]> => {
      await using opened = new AsyncDisposableStack();
      const port = await freePort();
      const server = spawn(
        process.execPath,
        [program, 'store', join(directory, 'events.db'), '--listen', `127.0.0.1:${port}`],
        { stdio: ['ignore', 'ignore', 'inherit'] },
      );
      opened.defer(async () => {
        if (server.exitCode !== null || server.signalCode !== null) return;
        server.kill('SIGKILL');
        await once(server, 'exit');
      });
      const connectionString = `esdb://127.0.0.1:${port}?tls=false`;
      const store = openKurrentEventStore({ connectionString, timeout: 60_000 });
      opened.defer(() => store.close());
      await untilItAnswers(store, server);
      const library = EventStoreDBClient.connectionString(connectionString);
      opened.defer(() => library.dispose());
      const grpc = bareGrpc(port);
      opened.defer(() => grpc.close());

      const ways: readonly (readonly [name: string, way: Way, aim?: Aim])[] = [
        [
          'the store',
          (entries) => ({
            send: () =>
              Promise.all(entries.map(({ stream, event }) => store.append(stream, 'no-stream', [event]))),
          }),
          { atMost: LIMIT },
        ],
        [
          'the client library alone',
          (entries) => {
            const proposals = entries.map(({ stream, event }) => ({ stream, event: toKurrentEvent(event) }));
            return {
              send: () =>
                Promise.all(
                  proposals.map(({ stream, event }) =>
                    library.appendToStream(stream, event, { expectedRevision: NO_STREAM }),
                  ),
                ),
            };
          },
        ],
        ['gRPC and HTTP/2 alone', grpc.way],
      ];
      const costs = ways.map((): number[] => []);
      const rates: number[] = [];
      for (let round = 0; round <= ROUNDS; round++) {
        for (const [index, [, way]] of ways.entries()) {
          const { cpu, rate } = await cost(way, round * ways.length + index);
          // The first round warms up.
          if (round > 0) costs[index]!.push(cpu);
          if (round > 0 && index === 0) rates.push(rate);
        }
        say(`round ${round} of ${ROUNDS}`);
      }
      return [
        ...ways.map(
          ([name, , aim], index): Figure => ({
            name: `${name}, CPU an append`,
            unit: 'ms',
            value: nearest(costs[index]!, 0.5),
            ...(aim && { aim }),
          }),
        ),
        {
          name: 'the store, of the client’s CPU',
          unit: 'appends/CPU-s',
          value: 1000 / nearest(costs[0]!, 0.5),
        },
        { name: `the store, ${AT_ONCE} at once`, unit: 'appends/s', value: nearest(rates, 0.5) },
      ];
    }),
};
