import type { Fetcher } from '../../documents/fetch/fetcher.ts';
import { currentVersion } from '../../events/upcasting.ts';
import type { CommandResult, LinkCommand } from '../../link/command-outbox.ts';
import { offeredData } from '../../machines/leg/testing/leg-events.ts';
import type { GatewayId } from '../../names/gateway-id.ts';
import { ActorSystem } from '../../runtime/actor-system.ts';
import type { EventStore, RecordedEvent } from '../../stores/event-store/event-store.ts';
import { openSqliteEventStore } from '../../stores/sqlite/sqlite-event-store.ts';
import { CallRouter } from '../calls/call-router.ts';
import { oneGateway } from '../calls/call-routing.ts';
import type { NumberPlan } from '../calls/number-plan.ts';
import { type AccountLimits, DEFAULT_LIMITS, LimitedCalls } from '../limits/account-limits.ts';

export const GATEWAY: GatewayId = { region: 'ie1', gateway: 'gw1' };

export type Answer = (command: LinkCommand) => Promise<CommandResult> | CommandResult;

export const application = { voiceUrl: 'https://app.example/', voiceMethod: 'POST' };
const SAY = '<Response><Say>Hello</Say></Response>';

export interface TestRouterOptions {
  /** `us1/r1` unless given. */
  readonly name?: string;
  readonly document?: string;
  readonly answer?: Answer;
  readonly plan?: NumberPlan;
  readonly authToken?: string | null;
  readonly limits?: Partial<AccountLimits>;
  /** In memory unless given. The router closes it. */
  readonly store?: EventStore;
  /** Called when a document has been asked for, before it is there. */
  readonly onFetch?: () => void;
}

/** A router whose region answers commands as it is told, and whose application says the same to everybody. */
export function openTestRouter(options: TestRouterOptions = {}) {
  const { document = SAY, answer = () => ({ accepted: true }), authToken = 'secret' } = options;
  const plan = options.plan ?? {
    loginFor: () => undefined,
    lookUp: () => ({ accountSid: 'AC1', application }),
  };
  const store = options.store ?? openSqliteEventStore({ file: ':memory:' });
  const errors: unknown[] = [];
  const commands: (LinkCommand & { to: GatewayId })[] = [];
  const onError = (error: unknown) => errors.push(error);
  const system = new ActorSystem({
    store,
    node: 'us1',
    region: 'us1',
    onError,
    checkpoints: { load: async () => undefined, save: async () => {} },
  });
  const asked: string[] = [];
  const fetcher: Fetcher = {
    async fetch({ url }) {
      asked.push(url);
      options.onFetch?.();
      const how = { status: 200, contentType: 'text/xml', contentEncoding: '', redirected: false };
      return { url, ...how, body: Buffer.from(document) };
    },
    close: async () => {},
  };
  const command = async (to: GatewayId, sent: LinkCommand): Promise<CommandResult> => {
    commands.push({ ...sent, to });
    return answer(sent);
  };
  const taken: string[] = [];
  const calls = new CallRouter({
    router: options.name ?? 'us1/r1',
    owner: () => {},
    taken: ({ gateway }, legIds) => taken.push(...legIds.map((legId) => `${legId} from ${gateway}`)),
    store,
    system,
    plan,
    routing: oneGateway,
    fetcher,
    authToken: () => authToken ?? undefined,
    command,
    onError,
    limits:
      options.limits &&
      new LimitedCalls({
        limits: () => ({ ...DEFAULT_LIMITS, ...options.limits }),
        owns: () => false,
        isLive: (callSid) => system.isLive(`call-${callSid}`),
        now: () => 0,
      }),
  });
  const close = async (): Promise<void> => {
    await system.close();
    await store.close();
  };
  return { calls, store, system, commands, taken, errors, asked, close };
}

let ids = 0;
export const shipped = (name: string, revision: number, type: string, data: object): RecordedEvent => ({
  id: `10000000-0000-4000-8000-${String(ids++).padStart(12, '0')}`,
  type,
  version: currentVersion(type),
  time: 1_700_000_000_000,
  region: 'ie1',
  cause: '',
  correlation: `CA${name}`,
  data,
  stream: `leg-LE${name}`,
  revision,
  position: '' as never,
});
export const offered = (name: string) =>
  shipped(name, 0, 'LegOffered', { ...offeredData, legId: `LE${name}`, callSid: `CA${name}` });
export const ended = (name: string, revision: number) =>
  shipped(name, revision, 'LegEnded', { reason: 'completed', by: 'peer' });

export const stream = (store: EventStore, name: string): Promise<RecordedEvent[]> =>
  Array.fromAsync(store.readStream(name));
export const types = async (store: EventStore, name: string): Promise<string[]> =>
  (await stream(store, name)).map(({ type }) => type);

/** Resolves when a call's stream holds an event of this type. */
export async function happened(store: EventStore, name: string, type: string): Promise<RecordedEvent> {
  const found = Promise.withResolvers<RecordedEvent>();
  const subscription = store.subscribeToAll('start', async (event) => {
    if (event.stream === name && event.type === type) found.resolve(event);
  });
  try {
    return await found.promise;
  } finally {
    await subscription.stop();
  }
}
