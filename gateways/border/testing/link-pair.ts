import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDevelopmentCertificates } from '@tandem/actors/link/certificates.ts';
import {
  createLinkServer,
  type LinkServer,
  type LinkServerOptions,
} from '@tandem/actors/link/link-server.ts';
import { type LinkTls, loadTls } from '@tandem/actors/link/tls.ts';
import type { NewEvent, RecordedEvent } from '@tandem/actors/stores/event-store.ts';
import { createLinkClient, type LinkClient, type LinkClientOptions } from '../link-client.ts';

/** Certificates for a main region `main` and two regions, in a directory that `remove` deletes. */
export async function makeCertificates(): Promise<Record<string, LinkTls> & { remove?: never }> {
  const directory = await mkdtemp(join(tmpdir(), 'tandem-link-'));
  try {
    const files = await ensureDevelopmentCertificates(directory, { main: 'main', regions: ['ie1', 'us1'] });
    const all: Record<string, LinkTls> = {};
    for (const [name, one] of Object.entries(files)) all[name] = await loadTls(one);
    return all;
  } finally {
    await rm(directory, { recursive: true });
  }
}

export const event = (region = 'ie1', timer = 'ring'): NewEvent => ({
  id: randomUUID(),
  type: 'TimerRang',
  version: 1,
  time: 1_700_000_000_000,
  region,
  cause: '',
  correlation: 'CA1',
  data: { timer },
});

/** What a main region holds of its regions: events in order of arrival, and the positions saved. */
export function createCentral() {
  const events: RecordedEvent[] = [];
  const saved = new Map<string, string>();
  const reached: { count: number; resolve: () => void }[] = [];
  return {
    events,
    saved,
    onEvents: async (_region: string, more: readonly RecordedEvent[]): Promise<void> => {
      events.push(...more);
      for (const one of reached) if (events.length >= one.count) one.resolve();
    },
    positions: {
      load: async (region: string) => saved.get(region) ?? '',
      save: async (region: string, position: string) => void saved.set(region, position),
    },
    /** Resolves when so many events have arrived. */
    async holds(count: number): Promise<void> {
      if (events.length >= count) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      reached.push({ count, resolve });
      await promise;
    },
  };
}

/** A promise for a callback's first call. */
export function signal<T = void>(): { fired: Promise<T>; fire: (value: T) => void } {
  const { promise, resolve } = Promise.withResolvers<T>();
  return { fired: promise, fire: resolve };
}

export const startServer = (
  certificates: Record<string, LinkTls>,
  options: Pick<LinkServerOptions, 'onEvents' | 'positions'> & Partial<LinkServerOptions>,
): Promise<LinkServer> =>
  createLinkServer({
    address: { host: '127.0.0.1', port: 0 },
    main: 'main',
    node: 'main-1',
    version: '0.1.0',
    tls: certificates.main!,
    pingInterval: 50,
    ...options,
  });

export const startClient = (
  certificates: Record<string, LinkTls>,
  address: string,
  options: Pick<LinkClientOptions, 'journal'> & Partial<LinkClientOptions>,
): LinkClient =>
  createLinkClient({
    region: 'ie1',
    node: 'ie1-1',
    version: '0.1.0',
    main: { name: 'main', address },
    tls: certificates.ie1!,
    checkpoints: { save: async () => {} },
    onCommand: async () => ({ accepted: true }),
    pingInterval: 50,
    backoff: { first: 2, most: 20, refused: 60_000 },
    ...options,
  });
