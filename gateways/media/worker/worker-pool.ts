import { MessageChannel } from 'node:worker_threads';
import type { TandemError } from '@tandem/actors/errors';
import { type PortRange, splitRange } from '../rtp/index.ts';
import type { WorkerEvent } from '../session/index.ts';
import { WorkerHandle } from './worker-handle.ts';

export interface WorkerPoolOptions {
  readonly bindAddress: string;
  readonly ports: PortRange;
  readonly workers: number;
  readonly packetRate: number;
  readonly lendsPorts: boolean;
  readonly sendsSilence: boolean;
  /** Where pipes end, in threads that each have a part of these ports too. */
  readonly pipes: { readonly bindAddress: string; readonly ports: PortRange };
}

export interface WorkerPoolListener {
  event(event: WorkerEvent): void;
  /** A thread ended though nobody told it to. */
  lost(worker: WorkerHandle, error: TandemError): void;
}

/** The worker threads, each with its part of the ports. They start when they are first needed, and again when lost. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #ports: readonly PortRange[];
  readonly #pipePorts: readonly PortRange[];
  readonly #listener: WorkerPoolListener;
  readonly #workers: (WorkerHandle | undefined)[];
  /** Pairs of threads that have a channel between them. */
  readonly #linked = new WeakMap<WorkerHandle, WeakSet<WorkerHandle>>();

  constructor(options: WorkerPoolOptions, listener: WorkerPoolListener) {
    this.#options = options;
    this.#ports = splitRange(options.ports, options.workers);
    this.#pipePorts = splitRange(options.pipes.ports, options.workers);
    this.#listener = listener;
    this.#workers = this.#ports.map(() => undefined);
  }

  /** The thread with the fewest sessions of those not tried. */
  leastLoaded(tried: ReadonlySet<WorkerHandle>): WorkerHandle | undefined {
    let best: WorkerHandle | undefined;
    for (const [index, ports] of this.#ports.entries()) {
      const worker = this.#workers[index] ?? this.#start(index, ports);
      if (!tried.has(worker) && (best === undefined || worker.sessions < best.sessions)) best = worker;
    }
    return best;
  }

  /** The thread that has a port. */
  owning(port: number): WorkerHandle | undefined {
    const index = this.#ports.findIndex(({ first, last }) => port >= first && port <= last);
    return index < 0 ? undefined : (this.#workers[index] ?? this.#start(index, this.#ports[index]!));
  }

  /** Gives two threads a channel of their own, once. */
  link(a: WorkerHandle, b: WorkerHandle): void {
    if (a === b || this.#linked.get(a)?.has(b)) return;
    const { port1, port2 } = new MessageChannel();
    a.tell({ op: 'link', worker: b.index, port: port1 }, [port1]);
    b.tell({ op: 'link', worker: a.index, port: port2 }, [port2]);
    this.#linked.set(a, (this.#linked.get(a) ?? new WeakSet()).add(b));
    this.#linked.set(b, (this.#linked.get(b) ?? new WeakSet()).add(a));
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker?.close()));
  }

  #start(index: number, ports: PortRange): WorkerHandle {
    const { bindAddress, packetRate, lendsPorts, sendsSilence } = this.#options;
    const pipes = { bindAddress: this.#options.pipes.bindAddress, ports: this.#pipePorts[index]! };
    const worker = new WorkerHandle(
      index,
      { bindAddress, ports, packetRate, lendsPorts, sendsSilence, pipes },
      {
        event: (event) => this.#listener.event(event),
        lost: (error) => {
          this.#workers[index] = undefined;
          this.#listener.lost(worker, error);
        },
      },
    );
    this.#workers[index] = worker;
    return worker;
  }
}
