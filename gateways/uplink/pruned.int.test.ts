import { afterEach, beforeAll, expect, it } from '@jest/globals';
import type { LinkTls } from '@tandem/actors/peers';
import { makeCertificates } from '@tandem/actors/peers/testing/make-certificates.ts';
import { pruneJournal } from '@tandem/actors/retention';
import { ShippedEvents } from '@tandem/actors/router';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite';
import {
  event,
  eventsOf,
  keptCheckpoints,
  recordingLog,
  startClient,
  startServer,
} from './testing/link-pair.ts';

let certificates: Record<string, LinkTls>;
beforeAll(async () => {
  certificates = await makeCertificates();
});

const opened: { close(): Promise<void> }[] = [];
const closing = <T extends { close(): Promise<void> }>(one: T): T => {
  opened.push(one);
  return one;
};
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

it('a gateway whose journal was pruned links again, and ships what is new and nothing else', async () => {
  const journal = closing(openSqliteEventStore({ file: ':memory:' }));
  const store = closing(openSqliteEventStore({ file: ':memory:' }));
  const faults: string[] = [];
  const shipped = new ShippedEvents(store, { onNotTaken: ({ code }) => faults.push(code) });
  const came: string[] = [];
  const server = closing(
    await startServer(certificates, {
      onEvents: async (_from, events) => {
        came.push(...events.map(({ stream, type }) => `${stream} ${type}`));
        await shipped.store(events);
      },
    }),
  );
  const marks = new Map<string, string>();
  const checkpoints = keptCheckpoints(marks);
  const log = recordingLog();
  const start = async () =>
    startClient(certificates, `127.0.0.1:${server.port}`, { journal, log, checkpoints });
  const say = (stream: string, type: string) => journal.append(stream, 'any', [{ ...event(), type }]);
  const settled = async (): Promise<void> => {
    const last = (await eventsOf(journal)).at(-1)!;
    while (marks.get('shipped main') !== last.position) await new Promise(setImmediate);
  };

  const first = await start();
  await say('gateway-ie1-gw1', 'GatewayStarted');
  await say('leg-LEover', 'LegOffered');
  await say('leg-LElives', 'LegOffered');
  await say('leg-LEover', 'LegEnded');
  await say('leg-LElast', 'LegEnded');
  await settled();
  await first.close();
  const prune = () =>
    pruneJournal(
      { journal, checkpoints, readers: first.readers, age: 0, pause: async () => {} },
      new AbortController().signal,
    );
  expect(await prune()).toBe(1);
  const before = came.length;

  const second = closing(await start());
  await say('leg-LElives', 'DigitReceived');
  await say('gateway-ie1-gw1', 'TrunkLost');
  await settled();
  expect(came.slice(before)).toEqual(['leg-LElives DigitReceived', 'gateway-ie1-gw1 TrunkLost']);
  expect(log.lines.map(({ code }) => code)).not.toContain('link.events-missing');
  expect(faults).toEqual([]);
  const kept = await eventsOf(store);
  expect(kept.filter(({ stream }) => stream === 'leg-LEover')).toHaveLength(2);

  // While it is linked, too.
  await prune();
  await say('leg-LElives', 'LegEnded');
  await settled();
  expect(came.at(-1)).toBe('leg-LElives LegEnded');
  await second.close();
});
