import { randomUUID } from 'node:crypto';
import type { LinkCommand } from '@tandem/actors/link';
import { createLinkServer, type LinkServer, type LinkServerOptions } from '@tandem/actors/link';
import type { GatewayId } from '@tandem/actors/names';
import type { LinkTls } from '@tandem/actors/peers';
import type { Checkpoints, EventStore, NewEvent, RecordedEvent } from '@tandem/actors/stores/event-store';
import { openRouterLinks, type RouterLinks, type RouterLinksOptions } from '../router-links.ts';

/** The gateway that `startClient` is. */
export const GATEWAY: GatewayId = { region: 'ie1', gateway: 'gw1' };

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

/** Appends so many events to a stream of their own, as many at a time as an append takes. */
export async function appendTo(journal: EventStore, count: number): Promise<void> {
  const stream = `leg-${randomUUID()}`;
  for (let at = 0; at < count; at += TOGETHER) {
    const events = Array.from({ length: Math.min(TOGETHER, count - at) }, () => event());
    await journal.append(stream, at === 0 ? 'no-stream' : at - 1, events);
  }
}

const TOGETHER = 2000;

export async function eventsOf(journal: EventStore): Promise<RecordedEvent[]> {
  const all: RecordedEvent[] = [];
  for await (const one of journal.readAll()) all.push(one);
  return all;
}

export const command = (stream: string): LinkCommand => ({
  id: randomUUID(),
  stream,
  type: 'TimerRang',
  data: { timer: 'ring' },
  cause: 'an-event',
  correlation: 'CA1',
});

/** A log that one can wait on. */
export function recordingLog() {
  const lines: { level: string; code?: string; message?: string }[] = [];
  const waiting: { code: string; resolve: (message: string) => void }[] = [];
  const write = (level: string) => (fields: object) => {
    const line = { level, ...(fields as { code?: string; message?: string }) };
    lines.push(line);
    for (const one of waiting) if (one.code === line.code) one.resolve(line.message ?? '');
  };
  return {
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    lines,
    /** The message of the first line under an error code, once there is one. */
    says(code: string): Promise<string> {
      const there = lines.find((line) => line.code === code);
      if (there) return Promise.resolve(there.message ?? '');
      const { promise, resolve } = Promise.withResolvers<string>();
      waiting.push({ code, resolve });
      return promise;
    },
  };
}

/** What a main region holds of its gateways: events as they came, and each once. */
export function createCentral() {
  const came: RecordedEvent[] = [];
  const events: RecordedEvent[] = [];
  const ids = new Set<string>();
  const reached: { count: number; resolve: () => void }[] = [];
  return {
    came,
    events,
    onEvents: async (_from: GatewayId, more: readonly RecordedEvent[]): Promise<void> => {
      came.push(...more);
      events.push(...more.filter(({ id }) => !ids.has(id)));
      for (const { id } of more) ids.add(id);
      for (const one of reached) if (events.length >= one.count) one.resolve();
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
  central: Pick<LinkServerOptions, 'onEvents'>,
  options: Partial<LinkServerOptions> = {},
): Promise<LinkServer> =>
  createLinkServer({
    address: { host: '127.0.0.1', port: 0 },
    main: 'main',
    router: 'r1',
    node: 'main-1',
    version: '0.1.0',
    tls: certificates.main!,
    pingInterval: 50,
    onEvents: central.onEvents,
    onAdopt: async () => {},
    onHeld: async () => [],
    ...options,
  });

/** Checkpoints that are kept for as long as the test has them. */
export function keptCheckpoints(saved = new Map<string, string>()): Checkpoints {
  return {
    load: async (name) => saved.get(name),
    save: async (name, position) => void saved.set(name, position),
  };
}

/** The links of a gateway to one router at an address, or to several. */
export const startClient = (
  certificates: Record<string, LinkTls>,
  address: string | Readonly<Record<string, string>>,
  options: Pick<RouterLinksOptions, 'journal'> & Partial<RouterLinksOptions>,
): Promise<RouterLinks> => {
  const addresses = typeof address === 'string' ? { r1: address } : address;
  const routers = Object.entries(addresses).map(([name, at]) => ({ name, address: at }));
  return openRouterLinks({
    region: 'ie1',
    gateway: 'gw1',
    node: 'ie1-1',
    version: '0.1.0',
    mains: [{ name: 'main', routers }],
    tls: certificates.ie1!,
    checkpoints: keptCheckpoints(),
    onCommand: async () => ({ accepted: true }),
    pingInterval: 50,
    backoff: { first: 2, most: 20, refused: 60_000 },
    ...options,
  });
};
