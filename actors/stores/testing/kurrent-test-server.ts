import { setTimeout as pause } from 'node:timers/promises';
import { type ServedLog, ServerFault } from '../server/served-log.ts';
import { type StoreServer, type StoreServerOptions, startStoreServer } from '../server/store-server.ts';
import { asWrittenByKurrent, type KurrentHabits } from './kurrent-habits.ts';
import { createKurrentTestLog } from './kurrent-test-log.ts';

export interface KurrentTestServer extends StoreServer {
  /** Breaks every connection at once. */
  stop(): void;
}

/**
 * The store server with what EventStoreDB keeps, and with its habits, for where no real one is at hand.
 */
export async function startKurrentTestServer(
  options: Partial<StoreServerOptions> & KurrentHabits = {},
): Promise<KurrentTestServer> {
  const { log = createKurrentTestLog(), deniesAll, writeTimeout, ...rest } = options;
  const server = await startStoreServer({
    log: asWrittenByKurrent(log, { deniesAll, writeTimeout }),
    ...rest,
  });
  return { ...server, stop: server.kill };
}

/** How a node behaves that has no leader: it says nothing until the time for a write is over, or that it is not ready. */
export type Leaderless = 'silent' | 'not-ready';

export interface KurrentTestCluster {
  readonly connectionString: string;
  readonly log: ServedLog;
  /** Kills the leader; nobody leads until `elect`. */
  loseLeader(how: Leaderless): void;
  /** One of the nodes that are there leads from now on, and the one that was killed is there again. */
  elect(): Promise<void>;
  /** Kills all nodes. */
  leave(): void;
  /** All nodes are there again, with what they had. */
  comeBack(): Promise<void>;
  close(): void;
}

/** Milliseconds after which a follower says that it could not hand an append to a leader that is gone. */
const FORWARD_TIMEOUT = 5000;

/** Three nodes over one log. Followers hand appends to the leader; gossip lists a dead node as dead. */
export async function startKurrentTestCluster(habits: KurrentHabits = {}): Promise<KurrentTestCluster> {
  const log = createKurrentTestLog();
  const shared = asWrittenByKurrent(log, habits);
  const nodes: { port: number; server: StoreServer | undefined }[] = [];
  let leader: number | undefined = 0;
  let leaderless: Leaderless = 'silent';

  const members = () =>
    nodes.map(({ port, server }, index) => ({
      host: '127.0.0.1',
      port,
      isAlive: server !== undefined,
      state: index === leader ? ('leader' as const) : ('follower' as const),
    }));

  const handedOn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (leader !== undefined) return work();
    if (leaderless === 'not-ready') throw new ServerFault('not-ready');
    // A new leader does not help: it was on its way to the one that is dead.
    await pause(FORWARD_TIMEOUT, undefined, { ref: false });
    throw new ServerFault('timeout');
  };

  const start = async (index: number): Promise<void> => {
    const server = await startStoreServer({
      log: {
        ...shared,
        append: (...what) => handedOn(() => shared.append(...what)),
        tombstone: (...what) => handedOn(() => shared.tombstone(...what)),
      },
      ...(nodes[index] && { port: nodes[index].port }),
      members,
    });
    nodes[index] = { port: server.port, server };
  };

  const kill = (index: number): void => {
    nodes[index]!.server?.kill();
    nodes[index]!.server = undefined;
  };

  const restart = async (): Promise<void> => {
    for (const [index, { server }] of nodes.entries()) if (server === undefined) await start(index);
  };

  for (let index = 0; index < 3; index++) await start(index);
  return {
    log,
    connectionString: `esdb://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}?tls=false&discoveryInterval=20`,
    loseLeader(how) {
      if (leader === undefined) return;
      leaderless = how;
      const lost = leader;
      leader = undefined;
      kill(lost);
    },
    async elect() {
      leader = nodes.findIndex(({ server }) => server !== undefined);
      await restart();
    },
    leave() {
      leader = undefined;
      for (const index of nodes.keys()) kill(index);
    },
    async comeBack() {
      leader = 0;
      await restart();
    },
    close() {
      for (const index of nodes.keys()) kill(index);
    },
  };
}
