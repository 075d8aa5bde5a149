import type { types } from 'mediasoup';
import { type Format, isSameFormat } from '../plane/index.ts';
import type { Lendable } from '../session/index.ts';
import { type Arrivals, LentPort } from './lent-port.ts';
import type { Pipe } from './pipe.ts';
import { NOTHING_RELAYED, type Relayed, relayedBy } from './relayed-stats.ts';
import type { Room, Rooms } from './rooms.ts';
import type { RelayedFlow, WayOut } from './way-out.ts';

/** One side of a bridge: a session whose port can be lent, or a pipe. */
export type Side = { readonly lendable: Lendable } | { readonly pipe: Pipe };

const formatOf = (side: Side): Format => ('pipe' in side ? side.pipe.format : side.lendable.remote);

/** Whether the packets of two sides can be exchanged as they are, without our code. */
export const canRelay = (a: Side, b: Side): boolean => {
  const apart = 'pipe' in a && 'pipe' in b && a.pipe.room.router !== b.pipe.room.router;
  return !apart && isSameFormat(formatOf(a), formatOf(b));
};

/** Bytes of RTCP that may come between two looks when nothing else does, and fewer than anybody's sound has. */
const MOST_CONTROL = 300;

/** What is counted of one side. */
interface Counted {
  readonly streams: () => readonly types.Producer[];
  readonly out: WayOut;
}

/** Two sides of a bridge whose packets a worker exchanges. Whoever opened it closes it. */
export class Relay {
  readonly #room: Room;
  readonly #format: Format;
  readonly #sides: readonly [Counted, Counted];
  readonly #begin: () => void;
  readonly #end: () => void;
  readonly #release: () => void;
  /** Those of its sides that are ports, with what had come there at the last look. */
  readonly #ports: Map<LentPort, Arrivals>;
  #before: Promise<readonly [Relayed, Relayed]> = Promise.resolve([NOTHING_RELAYED, NOTHING_RELAYED]);

  constructor(
    room: Room,
    format: Format,
    sides: readonly [Counted, Counted],
    ports: readonly LentPort[],
    steps: { readonly begin?: () => void; readonly end?: () => void; readonly release: () => void },
  ) {
    this.#room = room;
    this.#format = format;
    this.#sides = sides;
    this.#ports = new Map(ports.map((port) => [port, { all: 0, passedOn: 0 }]));
    this.#begin = steps.begin ?? (() => {});
    this.#end = steps.end ?? (() => {});
    this.#release = steps.release;
  }

  /** Whether the process that carried it is gone. */
  get lost(): boolean {
    return this.#room.router.closed;
  }

  /** Our code has let go of all ports. */
  begin(): void {
    // A pipe has counted since it was opened; what our code has heard of that is counted there.
    this.#before = this.#count();
    this.#before.catch(() => {});
    this.#begin();
  }

  /** Our code has all ports again. */
  end(): void {
    this.#end();
  }

  /**
   * Packets that have come from each side since its streams are there, and those of them that went out to the other
   * since there is the relay. @throws as `stats`
   */
  flows(): Promise<RelayedFlow[]> {
    const [a, b] = this.#sides;
    return Promise.all([b.out.flow(), a.out.flow()]);
  }

  /**
   * Whether, since this was asked before, packets have come to a port that could not be passed on: the peer sends from
   * elsewhere, with another SSRC or in another format, or somebody else does as well. @throws as `stats`
   */
  async misses(): Promise<boolean> {
    const missing = await Promise.all(
      [...this.#ports].map(async ([port, before]) => {
        const now = await port.arrivals();
        this.#ports.set(port, now);
        return now.all - before.all - (now.passedOn - before.passedOn) > MOST_CONTROL;
      }),
    );
    return missing.includes(true);
  }

  /** Packets and more, of each side, since it began. @throws what mediasoup throws once its process is gone */
  async stats(): Promise<readonly [Relayed, Relayed]> {
    const [before, now] = [await this.#before, await this.#count()];
    return [since(before[0], now[0]), since(before[1], now[1])];
  }

  close(): void {
    this.#release();
  }

  async #count(): Promise<readonly [Relayed, Relayed]> {
    const count = async ({ streams, out }: Counted): Promise<Relayed> => {
      const [received, sent] = await Promise.all([
        Promise.all(streams().map((stream) => stream.getStats())),
        out.stats(),
      ]);
      return relayedBy(this.#format.codec, received.flat(), sent);
    };
    return Promise.all([count(this.#sides[0]), count(this.#sides[1])]);
  }
}

const since = (before: Relayed, now: Relayed): Relayed => ({
  ...now,
  receivedPackets: now.receivedPackets - before.receivedPackets,
  receivedOctets: now.receivedOctets - before.receivedOctets,
  lost: now.lost - before.lost,
});

/**
 * Makes everything ready for a worker to exchange the packets of two sides; it does from `begin` on.
 *
 * @throws media.no-worker, media.closed, and what mediasoup throws
 */
export const openRelay = (rooms: Rooms, bindAddress: string, a: Side, b: Side): Promise<Relay> => {
  if ('pipe' in a)
    return 'pipe' in b ? betweenPipes(a.pipe, b.pipe) : besidePipe(bindAddress, b.lendable, a.pipe, true);
  return 'pipe' in b
    ? besidePipe(bindAddress, a.lendable, b.pipe, false)
    : betweenPorts(rooms, bindAddress, a.lendable, b.lendable);
};

const betweenPorts = async (rooms: Rooms, bindAddress: string, a: Lendable, b: Lendable): Promise<Relay> => {
  const room = await rooms.enter(a.remote);
  const opened: LentPort[] = [];
  const release = () => {
    for (const port of opened) port.close();
    room.leave();
  };
  try {
    for (const lendable of [a, b]) opened.push(await LentPort.open(room, bindAddress, lendable));
    const [one, two] = opened as [LentPort, LentPort];
    await Promise.all([one.out.take(two.stream), two.out.take(one.stream)]);
    return new Relay(room, a.remote, [counted(one), counted(two)], opened, { release });
  } catch (error) {
    release();
    throw error;
  }
};

const counted = (port: LentPort): Counted => ({ streams: () => [port.stream], out: port.out });

const besidePipe = async (
  bindAddress: string,
  lendable: Lendable,
  pipe: Pipe,
  pipeIsFirst: boolean,
): Promise<Relay> => {
  const port = await LentPort.open(pipe.room, bindAddress, lendable);
  const way = pipe.wayOut();
  const release = () => {
    pipe.starve(port.out);
    way.close();
    port.close();
  };
  try {
    // Until the port is lent, our code sends what comes on the pipe.
    port.out.pause(true);
    await Promise.all([pipe.feed(port.out), way.take(port.stream, pipe.nextName())]);
    const ofPipe: Counted = { streams: () => pipe.streams.heard, out: way };
    const sides: [Counted, Counted] = pipeIsFirst ? [ofPipe, counted(port)] : [counted(port), ofPipe];
    return new Relay(pipe.room, pipe.format, sides, [port], {
      begin: () => {
        pipe.toCode.pause(true);
        port.out.pause(false);
      },
      end: () => {
        port.out.pause(true);
        pipe.toCode.pause(false);
      },
      release,
    });
  } catch (error) {
    release();
    throw error;
  }
};

const betweenPipes = async (a: Pipe, b: Pipe): Promise<Relay> => {
  const [toA, toB] = [a.wayOut(), b.wayOut()];
  const follow = (from: Pipe, to: Pipe, way: WayOut) =>
    // Its name is taken when the stream has begun, since the other end awaits only the next few.
    from.follow((stream) => void way.take(stream, to.nextName()).catch(() => {}));
  let unfollow: (() => void)[] = [];
  const release = () => {
    for (const stop of unfollow) stop();
    toA.close();
    toB.close();
  };
  const sides: [Counted, Counted] = [
    { streams: () => a.streams.heard, out: toA },
    { streams: () => b.streams.heard, out: toB },
  ];
  return new Relay(a.room, a.format, sides, [], {
    begin: () => {
      unfollow = [follow(a, b, toB), follow(b, a, toA)];
      for (const pipe of [a, b]) pipe.toCode.pause(true);
    },
    end: () => {
      for (const way of [toA, toB]) way.pause(true);
      for (const pipe of [a, b]) pipe.toCode.pause(false);
    },
    release,
  });
};
