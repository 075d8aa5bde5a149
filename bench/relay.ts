import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findWorker } from '@tandem/media-worker';
import { cpuTime } from './cpu-time.ts';
import { compared, type Figure, type Measurement } from './figure.ts';
import { RtpLoad } from './rtp-load.ts';
import { Rtpengine } from './rtpengine.ts';
import { nearest } from './statistics.ts';

/** Calls of two telephones each: so many packets a second as 50 times twice that. */
const CALLS = 100;
const SECONDS = 8;
const ROUNDS = 3;

/** What telephones talk through while it is measured. */
interface Subject {
  readonly name: string;
  /** The port for each telephone. */
  readonly ports: readonly number[];
  /** Resolves when it has got to where it is to be measured; the telephones talk by then. */
  ready(): Promise<void>;
  /** Of all its processes, in seconds. */
  cpu(): number;
  stop(): Promise<void>;
}

/** Packets per CPU-second, and milliseconds that a packet takes longer than from telephone to telephone. */
interface Round {
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
}

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

const childrenOf = (parent: number): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        return Number(stat.slice(stat.lastIndexOf(')')).split(' ')[2]) === parent;
      } catch {
        // It has ended meanwhile.
        return false;
      }
    });

const ours = async (load: RtpLoad, handOver: boolean): Promise<Subject> => {
  const plane = fork(join(import.meta.dirname, 'relay-plane.ts'));
  const ask = async <T>(message: object | string): Promise<T> => {
    const answer = once(plane, 'message');
    plane.send(message);
    return (await answer)[0] as T;
  };
  const { ports } = await ask<{ ports: number[] }>({ connect: load.ports });
  plane.send({ join: { hears: !handOver } });
  return {
    name: handOver ? 'handed over' : 'our own port',
    ports,
    ready: async () => {
      for (let tries = 0; handOver; tries++) {
        const { relayed } = await ask<{ relayed: number }>('relayed');
        if (relayed === ports.length) break;
        if (tries > 100) throw new Error(`only ${relayed} of ${ports.length} telephones were handed over`);
        await pause(0.2);
      }
      await pause(1);
    },
    cpu: () => [plane.pid!, ...childrenOf(plane.pid!)].reduce((sum, pid) => sum + cpuTime(pid), 0),
    stop: () => end(plane),
  };
};

const end = async (child: ChildProcess): Promise<void> => {
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
};

const theirs = async (load: RtpLoad): Promise<Subject> => {
  const rtpengine = await Rtpengine.start();
  const phones = load.ports;
  const ports: number[] = [];
  for (let i = 0; i < phones.length; i += 2) {
    ports.push(...(await rtpengine.call(i, phones[i]!, phones[i + 1]!)));
  }
  return {
    name: 'rtpengine',
    ports,
    ready: async () => void (await pause(1)),
    cpu: () => cpuTime(rtpengine.pid),
    stop: () => rtpengine.stop(),
  };
};

const measureOne = async (load: RtpLoad, subject: Subject, say: (line: string) => void): Promise<Round> => {
  try {
    // From each telephone to its neighbour: what the telephones and the machine take by themselves.
    load.talkTo(load.ports.map((_, i, all) => all[i ^ 1]!));
    await pause(1);
    load.look();
    await pause(2);
    const direct = load.look();
    load.talkTo(subject.ports);
    await subject.ready();
    load.look();
    const before = subject.cpu();
    await pause(SECONDS);
    const used = subject.cpu() - before;
    const heard = load.look();
    const round = {
      rate: heard.received / used,
      p50: heard.p50 - direct.p50,
      p99: heard.p99 - direct.p99,
    };
    const lost = Math.max(0, heard.sent - heard.received);
    say(
      `${subject.name}: ${Math.round(round.rate)} packets per CPU-second (${heard.received} in ${used.toFixed(2)} s, ${lost} lost), ` +
        `added delay ${round.p50.toFixed(2)} ms, 99 % below ${round.p99.toFixed(2)} ms`,
    );
    if (lost > heard.sent / 100) throw new Error(`${subject.name} lost ${lost} of ${heard.sent} packets`);
    return round;
  } finally {
    load.quiet();
    await subject.stop();
  }
};

async function measure(load: RtpLoad, say: (line: string) => void): Promise<Figure[]> {
  const subjects: {
    readonly name: string;
    readonly open: () => Promise<Subject>;
    readonly rounds: Round[];
  }[] = [
    { name: 'handed over', open: () => ours(load, true), rounds: [] },
    { name: 'our own port', open: () => ours(load, false), rounds: [] },
  ];
  if (Rtpengine.isHere()) subjects.push({ name: 'rtpengine', open: () => theirs(load), rounds: [] });
  else say('rtpengine is not measured, as it is not here: apt-get install rtpengine-daemon');
  for (let round = 1; round <= ROUNDS; round++) {
    say(`round ${round} of ${ROUNDS}`);
    for (const { open, rounds } of subjects) rounds.push(await measureOne(load, await open(), say));
  }
  const [handedOver, , rtpengine] = subjects;
  const rates = (of: readonly Round[]) => of.map(({ rate }) => rate);
  const peer = rtpengine && { name: 'rtpengine', values: rates(rtpengine.rounds) };
  return subjects.flatMap(({ name, rounds }): Figure[] => {
    const aim = name === handedOver!.name ? ({ atLeastRatio: 1.5 } as const) : undefined;
    const rate = `${name}: packets`;
    return [
      peer && name !== peer.name
        ? compared(rate, 'packets/CPU-s', rates(rounds), peer, aim)
        : { name: rate, value: nearest(rates(rounds), 0.5), unit: 'packets/CPU-s' },
      ...(['p50', 'p99'] as const).map((share) => ({
        name: `${name}: added delay, ${share}`,
        value: nearest(
          rounds.map((one) => one[share]),
          0.5,
        ),
        unit: 'ms',
      })),
    ];
  });
}

export const relay: Measurement = {
  name: 'relay',
  about: 'packets per CPU-second and added delay of a bridge: handed over, our own port, rtpengine',
  measure: async (say) => {
    if (findWorker() === undefined)
      throw new Error('mediasoup’s worker is not here; ./tandem --version gets it.');
    const load = await RtpLoad.open(CALLS);
    try {
      return await measure(load, say);
    } finally {
      load.close();
    }
  },
};
