import { afterAll, beforeAll, expect } from '@jest/globals';
import type { RecordedEvent } from '@tandem/actors/stores/event-store';
import { freePort } from '@tandem/actors/testing/free-port.ts';
import { needProgram } from '@tandem/actors/testing/need-program.ts';
import { type Pages, pages } from './application-server.ts';
import { callSids, callsOf, type EndedCall, expectReplayed, historyOf } from './history.ts';
import { NUMBER } from './network.ts';
import { Sipp, type SippOptions } from './sipp.ts';
import { inTime } from './stage.ts';
import { World, type WorldOptions } from './world.ts';

/** What a test has at hand: the world, and peers that are closed after it. */
export interface WorldStage {
  readonly world: World;
  /** Has the carrier of a region call a number; the one of the application unless given. */
  carrier(
    region: string,
    scenario: string,
    options?: Partial<SippOptions> & { number?: string },
  ): Promise<Sipp>;
  /** Somebody who takes calls where a region's carrier trunk leads. */
  callee(region: string, scenario: string, options?: Partial<SippOptions>): Promise<Sipp>;
  /** Resolves with an event of the test's in the main region's store that fits. */
  happened(fits: (event: RecordedEvent) => boolean): Promise<RecordedEvent>;
  /** Resolves when media goes a way, or another than before: the regions that it passes, in order. */
  calls(): Promise<EndedCall[]>;
  /** The test's events in the main region's store. */
  events(): Promise<RecordedEvent[]>;
  /** Errors with this message are part of the test. */
  expectError(message: RegExp): void;
}

/**
 * Declares tests that share a world. After each, every call has come to its end, the stores agree, every state is
 * rebuilt from them, and no error was logged; after the last, all processes have ended in order.
 */
export function worldScenarios(
  options: Omit<WorldOptions, 'application'>,
  declare = needProgram('sipp', 'apt-get install sip-tester'),
): (name: string, application: Pages, run: (stage: WorldStage) => Promise<void>) => void {
  let world: World | undefined;
  beforeAll(async () => {
    world = await World.start({ ...options, application: pages({}) });
  });
  afterAll(async () => {
    expect(await world?.close()).toEqual([]);
  });
  return (name, application, run) => {
    declare(name, async () => {
      const play = await Play.begin(world!, application);
      try {
        await inTime(Promise.race([run(play), play.peerFailed]));
        await inTime(play.finish());
      } catch (error) {
        console.error(`${name}\n${await play.history()}`);
        throw error;
      } finally {
        await play.closePeers();
      }
    });
  };
}

/** One test's run. */
class Play implements WorldStage {
  readonly world: World;
  readonly #before: ReadonlySet<string>;
  readonly #logged: ReadonlyMap<unknown, number>;
  readonly #peers: Sipp[] = [];
  readonly #expected: RegExp[] = [];
  readonly #failed = Promise.withResolvers<never>();
  readonly #over = new AbortController();

  private constructor(world: World, before: ReadonlySet<string>) {
    this.world = world;
    this.#before = before;
    this.#logged = new Map(world.processes.map((process) => [process, process.log.length]));
  }

  static async begin(world: World, application: Pages): Promise<Play> {
    world.application.serve(pages(application));
    await world.distance.resetTraffic();
    return new Play(world, new Set(await callSids(world)));
  }

  /** Rejects as soon as a peer fails: what it was to do next will not happen. */
  get peerFailed(): Promise<never> {
    return this.#failed.promise;
  }

  async carrier(
    region: string,
    scenario: string,
    options: Partial<SippOptions> & { number?: string } = {},
  ): Promise<Sipp> {
    const { number = NUMBER, ...others } = options;
    const remote = `127.0.0.1:${this.world.ports[region]!.sip}`;
    return this.#add({ scenario, remote, port: await freePort(), keys: { number }, ...others });
  }

  callee(region: string, scenario: string, options: Partial<SippOptions> = {}): Promise<Sipp> {
    return this.#add({ scenario, port: this.world.ports[region]!.carrier, ...options });
  }

  async #add(options: SippOptions): Promise<Sipp> {
    const sipp = await Sipp.start(options);
    this.#peers.push(sipp);
    sipp.finished().catch((error) => this.#failed.reject(error));
    return sipp;
  }

  async calls(): Promise<EndedCall[]> {
    return (await callsOf(this.world)).filter(({ sid }) => !this.#before.has(sid));
  }

  async events(): Promise<RecordedEvent[]> {
    return (await this.world.centralEvents()).filter((event) => this.#isOwn(event));
  }

  #isOwn = ({ correlation }: RecordedEvent): boolean => correlation !== '' && !this.#before.has(correlation);

  happened(fits: (event: RecordedEvent) => boolean): Promise<RecordedEvent> {
    return this.world.happened((event) => this.#isOwn(event) && fits(event), this.#over.signal);
  }

  expectError(message: RegExp): void {
    this.#expected.push(message);
  }

  async finish(): Promise<void> {
    await expectReplayed(this.world);
    const errors = this.world.processes
      .flatMap((process) => process.log.slice(this.#logged.get(process) ?? 0))
      .filter(({ level }) => level === 'error' || level === 'fatal');
    expect(errors.filter(({ msg }) => !this.#expected.some((one) => one.test(msg)))).toEqual([]);
  }

  async closePeers(): Promise<void> {
    this.#over.abort();
    for (const peer of this.#peers.splice(0)) await peer.close();
  }

  /** What happened in the calls of the test, and what the processes had to complain about. */
  async history(): Promise<string> {
    const history = await historyOf(this.world, (sid) => !this.#before.has(sid));
    return [history, ...this.world.processes.flatMap(({ problems }) => problems)].join('\n');
  }
}
