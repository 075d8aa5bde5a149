/** A range of UDP ports, both ends included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** The even ports of the range whose odd neighbour is in it too. */
const pairsOf = (range: PortRange): number[] => {
  const ports: number[] = [];
  for (let port = range.first + (range.first % 2); port + 1 <= range.last; port += 2) ports.push(port);
  return ports;
};

/** Cuts a range into as many of about the same size, none of which parts a pair. */
export const splitRange = (range: PortRange, parts: number): PortRange[] => {
  const first = range.first + (range.first % 2);
  const pairs = Math.max(0, Math.floor((range.last - first + 1) / 2));
  return Array.from({ length: parts }, (_, i) => ({
    first: first + 2 * Math.floor((pairs * i) / parts),
    last: first + 2 * Math.floor((pairs * (i + 1)) / parts) - 1,
  }));
};

/**
 * Hands out port pairs, the one that was given back longest ago first: packets of the call before have then stopped
 * coming.
 */
export class PortPool {
  readonly #free: Set<number>;

  constructor(range: PortRange) {
    this.#free = new Set(pairsOf(range));
  }

  get size(): number {
    return this.#free.size;
  }

  /** The even port of a pair; undefined when none is left. */
  take(): number | undefined {
    const [port] = this.#free;
    if (port !== undefined) this.#free.delete(port);
    return port;
  }

  /** This very pair, if it is free. */
  takeThis(port: number): number | undefined {
    return this.#free.delete(port) ? port : undefined;
  }

  giveBack(port: number): void {
    this.#free.add(port);
  }
}
