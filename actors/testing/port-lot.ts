import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/** Runs of tests that may go on at a time on one machine. */
const LOTS = 5;

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** All ports that tests use: rows of them for RTP, and single ones; both below what systems hand out (from 32768). */
const ROWS: PortRange = { first: 10_000, last: 20_399 };
const SINGLE: PortRange = { first: 20_500, last: 32_499 };

/** Where a run says which lot it has, and how many workers share that; they inherit it. */
const LOT = 'TANDEM_PORT_LOT';
const SHARES = 'TANDEM_PORT_SHARES';

/** The lock of a lot is a port that its run listens on for as long as it lasts: it is given back however that ends. */
const LOCKS = 32_600;

/** The ports of a run of tests. */
export interface PortLot {
  readonly rows: PortRange;
  readonly single: PortRange;
}

/** What a run without a lot uses, a measurement for one: it has the machine to itself. */
const EVERYTHING: PortLot = { rows: ROWS, single: SINGLE };

/** The part with this index of so many equal ones; of an even length, as RTP's pairs begin at even ports. */
function part({ first, last }: PortRange, index: number, parts: number): PortRange {
  const length = 2 * Math.floor((last - first + 1) / parts / 2);
  return { first: first + index * length, last: first + (index + 1) * length - 1 };
}

/** The ports of this process: those of its run, of which each worker of Jest has a share. */
export function ownLot(env: NodeJS.ProcessEnv = process.env): PortLot {
  if (env[LOT] === undefined) return EVERYTHING;
  const lot = Number(env[LOT]);
  const workers = Number(env[SHARES] ?? 1);
  const worker = (Number(env.JEST_WORKER_ID ?? 1) - 1) % workers;
  const share = (range: PortRange): PortRange => part(part(range, lot, LOTS), worker, workers);
  return { rows: share(ROWS), single: share(SINGLE) };
}

/** Takes a lot for this process and what it starts, shared by so many workers; waits while other runs have all. */
export async function takeLot(shares = 1): Promise<void> {
  for (;;) {
    for (let lot = 0; lot < LOTS; lot++) {
      if (!(await holds(LOCKS + lot))) continue;
      process.env[LOT] = String(lot);
      process.env[SHARES] = String(shares);
      return;
    }
    await setTimeout(500);
  }
}

/** Listens until the process ends, if nobody else does. */
const holds = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(true));
    server.unref();
  });
