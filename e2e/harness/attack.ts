import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect } from '@jest/globals';
import type { RecordedEvent } from '@tandem/actors/stores/event-store';
import type { RtpEndpoint } from '@tandem/phones';
import { lostAudio, markedSignal } from '@tandem/phones';
import { talk } from './conversation.ts';
import type { Network } from './network.ts';
import { CALLEE, CARRIER_HANGS_UP } from './peers.ts';
import type { Sipp } from './sipp.ts';
import type { Stage } from './stage.ts';

// Attacks beside a conversation that is not to notice: no word of it gets lost, keys arrive, each hears that the other
// hangs up, and the next call is carried.

/** Who is called by the document of those who talk. */
const CALLED = '+15550142';

/** The document of the call in which the two talk. */
export const DIAL = { '/voice': `<Response><Dial><Number>${CALLED}</Number></Dial></Response>` };

/** Seconds of what each says, each word told from all others: longer than any attack. */
const SECONDS = 200;
const SAID = [markedSignal(SECONDS, 1), markedSignal(SECONDS, 2)] as const;

/**
 * Milliseconds of what was said that may get lost in all, each way. None does where the network has time for its packets,
 * however late it is with them; a few are for sockets of the test's own, which are full while it attacks.
 */
const MOST_LOST = 200;

/** Samples of it, half a second, by which the sounds before it are over. */
const SKIPPED = 4000;

/** Samples, a second of them, that are to be heard after an attack. */
const AFTERWARDS = 8000;

/** Samples of what was said, ten seconds, beyond as many as were heard: what may be missing in them. */
const AT_MOST_AHEAD = 80_000;

/** The two who talk while an attack is made. */
export interface Talkers {
  readonly carrier: Sipp;
  readonly callee: Sipp;
}

/** Two talk while an attack is made, and notice nothing of it; what the region has journalled since. */
export async function talkThrough(
  stage: Stage,
  attack: (network: Network, talkers: Talkers) => Promise<void>,
): Promise<RecordedEvent[]> {
  const callee = await stage.callee(CALLEE);
  const carrier = await stage.carrier(CARRIER_HANGS_UP);
  const ends = [carrier.audio, callee.audio] as const;
  await talk(carrier, callee, 1);
  const begun = ends.map((audio, index) => audio.say(SAID[index]!) + SKIPPED);
  await Promise.all(
    ends.map((audio, index) => audio.until(() => audio.spokenAt(begun[index]!) !== undefined)),
  );
  // What is looked through is what was said, and not the tones before it.
  for (const audio of ends) audio.forget();
  const before = new Set((await stage.network.journalEvents()).map(({ id }) => id));
  await attack(stage.network, { carrier, callee });
  await expectWhole(carrier.audio, SAID[1]);
  await expectWhole(callee.audio, SAID[0]);
  await pressed(carrier.audio, callee.audio, '7');
  await pressed(callee.audio, carrier.audio, '4');
  await carrier.go('bye');
  await Promise.all([carrier.finished(), callee.finished()]);
  await talkOnce(stage);
  const calls = (await stage.calls()).filter(({ legs }) => legs.some(({ to }) => to === CALLED));
  const ended = { reason: 'completed', legs: [{ reason: 'completed' }, { reason: 'completed' }] };
  expect(calls).toMatchObject([ended, ended]);
  return (await stage.network.journalEvents()).filter(({ id }) => !before.has(id));
}

/** A call like theirs is carried. */
export async function talkOnce(stage: Stage): Promise<void> {
  const callee = await stage.callee(CALLEE);
  const carrier = await stage.carrier(CARRIER_HANGS_UP);
  await talk(carrier, callee);
  await carrier.go('bye');
  await Promise.all([carrier.finished(), callee.finished()]);
}

/** What was said is heard to this moment and a second beyond it, and nothing else is. */
async function expectWhole(hearing: RtpEndpoint, said: Int16Array): Promise<void> {
  const enough = hearing.heard.length + AFTERWARDS;
  await hearing.until(() => hearing.heard.length >= enough);
  const { heard } = hearing;
  const { lost, filled, to } = lostAudio(said.subarray(0, heard.length + AT_MOST_AHEAD), heard);
  console.info(`Of ${Math.round(heard.length / 8)} ms heard ${lost} ms are lost, ${filled} ms made up`);
  expect(to).toBeGreaterThan((heard.length - AFTERWARDS / 2) / 8);
  expect(lost + filled).toBeLessThan(MOST_LOST);
}

async function pressed(from: RtpEndpoint, to: RtpEndpoint, key: string): Promise<void> {
  from.press(key);
  await to.until(() => to.keys.endsWith(key));
}

/** How many events there are of each type. */
export const counts = (events: readonly RecordedEvent[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [...Map.groupBy(events, ({ type }) => type)].map(([type, { length }]) => [type, length]),
  );

/** A socket on another host than those that talk, and what has come to it. */
export async function stranger(address: string) {
  const socket = createSocket('udp4');
  let heard = 0;
  const watchers = new Set<() => void>();
  socket.on('message', () => {
    heard += 1;
    for (const look of watchers) look();
  });
  socket.bind(0, address);
  await once(socket, 'listening');
  return {
    async send(bytes: Uint8Array, port: number): Promise<void> {
      await new Promise((resolve) => socket.send(bytes, port, '127.0.0.1', resolve));
    },
    get port(): number {
      return socket.address().port;
    },
    /** Datagrams that have come. */
    get heard(): number {
      return heard;
    },
    /** Resolves when so many have come. */
    hears(count: number): Promise<void> {
      return new Promise((resolve) => {
        const look = (): void => {
          if (heard < count) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      });
    },
    close: () => socket.close(),
  };
}
