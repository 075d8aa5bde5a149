import { afterAll, beforeAll, expect } from '@jest/globals';
import type { RecordedEvent } from '@tandem/actors/stores/event-store';
import { freePort } from '@tandem/actors/testing/free-port.ts';
import { needProgram } from '@tandem/actors/testing/need-program.ts';
import { type ApplicationRequest, type Pages, pages } from './application-server.ts';
import { callSids, callsOf, type EndedCall, expectReplayed, historyOf } from './history.ts';
import { Network, type NetworkOptions, NUMBER } from './network.ts';
import { Sipp, type SippOptions } from './sipp.ts';
import { udpPortsOf } from './udp-ports.ts';

/**
 * A test is given up after so many milliseconds, with the history of its calls: long after it would have been over on a
 * machine with much other work, and before sipp and Jest give it up without.
 */
const LIMIT = 180_000;

/** What a test has at hand: the network, and peers that are closed after it. */
export interface Stage {
  readonly network: Network;
  /** Has the carrier call a number; the one of the application unless given. */
  carrier(scenario: string, options?: Partial<SippOptions> & { number?: string }): Promise<Sipp>;
  /** Somebody who takes calls, where the carrier trunk leads unless a port is given. */
  callee(scenario: string, options?: Partial<SippOptions>): Promise<Sipp>;
  /** Answers with another application from now on. */
  serve(application: Pages): void;
  /** Resolves when the region has journalled an event of the test's that fits. */
  happened(fits: (event: RecordedEvent) => boolean): Promise<void>;
  /** Resolves when two legs of the test's are joined. */
  bridged(): Promise<void>;
  /** The calls that the test has made, once they have ended. */
  calls(): Promise<EndedCall[]>;
  /** What the application was asked, without the files to play. */
  asked(): ApplicationRequest[];
  /** Errors with this message are part of the test. */
  expectError(message: RegExp): void;
}

export type Scenario = (name: string, application: Pages, run: (stage: Stage) => Promise<void>) => void;

/**
 * Declares tests that share a network. After each, every call has come to its end, the stores agree and every
 * state is rebuilt from them, no media port is left open and no error was logged; after the last, both processes
 * have ended in order. The history of a test that fails is printed.
 */
export function scenarios(
  options: Omit<NetworkOptions, 'application'> = {},
  declare = needProgram('sipp', 'apt-get install sip-tester'),
): Scenario {
  let network: Network | undefined;
  beforeAll(async () => {
    network = await Network.start({ ...options, application: pages({}) });
  });
  afterAll(async () => {
    const further = network?.further ? { further: 0 } : {};
    const media = network?.media ? { media: 0 } : {};
    expect(await network?.close()).toEqual({ region: 0, main: 0, ...further, ...media });
  });
  return (name, application, run) => {
    declare(name, async () => {
      const performance = await Performance.begin(network!, application);
      try {
        await inTime(Promise.race([run(performance), performance.peerFailed]));
        await inTime(performance.finish());
      } catch (error) {
        console.error(`${name}\n${await performance.history()}`);
        throw error;
      } finally {
        await performance.closePeers();
      }
    });
  };
}

/** Gives a test up that takes too long. */
export async function inTime(work: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`The test was not over after ${LIMIT} ms`)), LIMIT);
  try {
    await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** One test's run. */
class Performance implements Stage {
  readonly network: Network;
  readonly #before: ReadonlySet<string>;
  readonly #logged: { main: number; region: number };
  readonly #peers: Sipp[] = [];
  readonly #expected: RegExp[] = [];
  readonly #failed = Promise.withResolvers<never>();
  readonly #over = new AbortController();

  private constructor(network: Network, before: ReadonlySet<string>) {
    this.network = network;
    this.#before = before;
    this.#logged = { main: network.main.log.length, region: network.region.log.length };
  }

  static async begin(network: Network, application: Pages): Promise<Performance> {
    network.application.serve(pages(application));
    return new Performance(network, new Set(await callSids(network)));
  }

  /** Rejects as soon as a peer fails: what it was to do next will not happen. */
  get peerFailed(): Promise<never> {
    return this.#failed.promise;
  }

  async carrier(scenario: string, options: Partial<SippOptions> & { number?: string } = {}): Promise<Sipp> {
    const { number = NUMBER, ...others } = options;
    const port = await freePort();
    return this.#add({ scenario, remote: this.network.sip, port, keys: { number }, ...others });
  }

  callee(scenario: string, options: Partial<SippOptions> = {}): Promise<Sipp> {
    return this.#add({ scenario, port: this.network.carrierPort, ...options });
  }

  async #add(options: SippOptions): Promise<Sipp> {
    const sipp = await Sipp.start(options);
    this.#peers.push(sipp);
    sipp.finished().catch((error) => this.#failed.reject(error));
    return sipp;
  }

  async calls(): Promise<EndedCall[]> {
    return (await callsOf(this.network)).filter(({ sid }) => !this.#before.has(sid));
  }

  serve(application: Pages): void {
    this.network.application.serve(pages(application));
  }

  async bridged(): Promise<void> {
    const joined = new Set<string>();
    await this.happened(({ type, stream }) => {
      if (type === 'BridgeRequested') joined.add(stream);
      return joined.size === 2;
    });
  }

  async happened(fits: (event: RecordedEvent) => boolean): Promise<void> {
    await this.network.happened(
      (event) => !this.#before.has(event.correlation) && fits(event),
      this.#over.signal,
    );
  }

  asked(): ApplicationRequest[] {
    return this.network.application.requests.filter(({ path }) => !/\.(wav|mp3)$/.test(path));
  }

  expectError(message: RegExp): void {
    this.#expected.push(message);
  }

  async finish(): Promise<void> {
    const { network } = this;
    await expectReplayed(network);
    expect(this.asked().filter(({ signed }) => !signed)).toEqual([]);
    expect(await udpPortsOf(network.region.pid)).toEqual([network.sipPort]);
    if (network.further) expect(await udpPortsOf(network.further.pid)).toEqual([network.furtherSipPort]);
    const errors = [
      ...(network.further?.log ?? []),
      ...network.main.log.slice(this.#logged.main),
      ...network.region.log.slice(this.#logged.region),
    ].filter(({ level }) => level === 'error' || level === 'fatal');
    expect(errors.filter(({ msg }) => !this.#expected.some((one) => one.test(msg)))).toEqual([]);
  }

  async closePeers(): Promise<void> {
    this.#over.abort();
    for (const peer of this.#peers.splice(0)) await peer.close();
  }

  /** What happened in the calls of the test, and what the processes had to complain about. */
  async history(): Promise<string> {
    const { main, region, further } = this.network;
    const history = await historyOf(this.network, (sid) => !this.#before.has(sid));
    return [history, ...main.problems, ...region.problems, ...(further?.problems ?? [])].join('\n');
  }
}
