import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { LinkTls } from '@tandem/actors/link/tls.ts';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite-event-store.ts';
import {
  createCentral,
  event,
  makeCertificates,
  signal,
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

describe('region link', () => {
  it('ships the journal in order and says what is durable', async () => {
    const central = createCentral();
    const journal = closing(openSqliteEventStore({ file: ':memory:' }));
    await journal.append('leg-1', 'no-stream', [event(), event()]);
    const server = closing(await startServer(certificates, central));
    const acknowledged: string[] = [];
    const reached = signal();
    const client = closing(
      startClient(certificates, `127.0.0.1:${server.port}`, {
        journal,
        checkpoints: {
          async save(name, position) {
            expect(name).toBe('link-main');
            acknowledged.push(position);
            if (position === last.position) reached.fire();
          },
        },
      }),
    );
    await central.holds(2);
    const last = await journal.append('leg-1', 1, [event()]);
    await reached.fired;
    expect(client.connected).toBe(true);
    const journalled = await Array.fromAsync(journal.readAll());
    expect(central.events).toEqual(journalled);
  });
});
