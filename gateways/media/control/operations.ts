import type { tandem } from '@tandem/proto/generated/media.js';
import type { CodecName } from '../../audio/codecs/index.ts';
import { isCodecName } from '../../audio/codecs/index.ts';
import type { PlayItem } from '../../audio/speech/index.ts';
import type {
  AgreedFormat,
  AllocateRequest,
  Allocation,
  MediaEvents,
  MediaPlane,
  PipeEnd,
  PlayRequest,
  RemoteMedia,
} from '../plane/index.ts';
import { isNetwork, type MediaStats, noDrops } from '../rtp/index.ts';
import type { AnswerMessage, EventMessage, OperationMessage } from './control-method.ts';

// Media control's messages, from and to what a media plane takes and gives.

type Wire = {
  RemoteEnd: tandem.media.v1.RemoteEnd.$Properties;
  PipeAddress: tandem.media.v1.PipeAddress.$Properties;
  Playable: tandem.media.v1.Playable.$Properties;
  Stats: tandem.media.v1.Stats.$Properties;
};

/** Throws what says why a message is none that there may be. */
export type Bad = (detail: string) => never;

const codecOf = (name: string | null | undefined, bad: Bad): CodecName =>
  name && isCodecName(name) ? name : bad(`a codec ${JSON.stringify(name)}`);

const textOf = (text: string | null | undefined, what: string, bad: Bad): string =>
  text ? text : bad(`no ${what}`);

const portOf = (port: number | null | undefined, bad: Bad): number =>
  port && port > 0 && port < 65_536 ? port : bad(`port ${port}`);

const LATCH_RULES: readonly string[] = ['never', 'host', 'any'];
const DIRECTIONS: readonly string[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

const formatOf = (
  { codec, payloadType, dtmfPayloadType, dtmfClockRate, otherEvents }: Omit<Wire['RemoteEnd'], 'alsoHeard'>,
  bad: Bad,
): AgreedFormat => ({
  codec: codecOf(codec, bad),
  payloadType: payloadType ?? 0,
  ...(typeof dtmfPayloadType === 'number' && { dtmfPayloadType }),
  ...(typeof dtmfClockRate === 'number' && { dtmfClockRate: clockOf(dtmfClockRate, bad) }),
  ...(otherEvents &&
    otherEvents.length > 0 && {
      otherEvents: otherEvents.map(({ payloadType: other, clockRate }) => ({
        payloadType: other ?? 0,
        clockRate: clockOf(clockRate, bad),
      })),
    }),
});

const clockOf = (clockRate: number | null | undefined, bad: Bad): number =>
  clockRate && clockRate > 0 ? clockRate : bad(`a clock of ${clockRate} hertz`);

const formatMessage = (format: AgreedFormat) => ({ ...format, otherEvents: [...(format.otherEvents ?? [])] });

export function remoteOf(end: Wire['RemoteEnd'] | null | undefined, bad: Bad): RemoteMedia {
  if (!end) return bad('no remote end');
  const { direction = '', ptime, latch, networks } = end;
  if (!DIRECTIONS.includes(direction ?? '')) return bad(`direction ${JSON.stringify(direction)}`);
  if (latch && !LATCH_RULES.includes(latch)) return bad(`latch ${JSON.stringify(latch)}`);
  for (const network of networks ?? [])
    if (!isNetwork(network)) return bad(`network ${JSON.stringify(network)}`);
  const alsoHeard = (end.alsoHeard ?? []).map((format) => formatOf(format, bad));
  return {
    address: textOf(end.address, 'address', bad),
    port: portOf(end.port, bad),
    rtcpPort: portOf(end.rtcpPort, bad),
    ...formatOf(end, bad),
    ...(alsoHeard.length > 0 && { alsoHeard }),
    ...(end.heardFirst && { heardFirst: true }),
    ...(latch && { latch: latch as NonNullable<RemoteMedia['latch']> }),
    ...(networks && networks.length > 0 && { networks }),
    direction: direction as RemoteMedia['direction'],
    ptime: ptime || 20,
  };
}

export const pipeOf = (pipe: Wire['PipeAddress'] | null | undefined, bad: Bad): PipeEnd => ({
  address: textOf(pipe?.address, 'address', bad),
  port: portOf(pipe?.port, bad),
  srtp: { cryptoSuite: pipe?.srtpSuite ?? '', keyBase64: pipe?.srtpKey ?? '' },
});

const pipeAddress = ({ address, port, srtp }: PipeEnd): Wire['PipeAddress'] => ({
  address,
  port,
  srtpSuite: srtp.cryptoSuite,
  srtpKey: srtp.keyBase64,
});

const playable = (item: PlayItem): Wire['Playable'] => {
  if ('speech' in item) return { speech: { ...item.speech } };
  if ('file' in item) return { file: item.file.url };
  return 'tone' in item ? { tone: item.tone.name } : { silence: item.silence };
};

function playItem({ speech, file, tone, silence }: Wire['Playable'], bad: Bad): PlayItem {
  if (speech) {
    const { text = '', voice, language } = speech;
    return { speech: { text: text ?? '', ...(voice && { voice }), ...(language && { language }) } };
  }
  if (file) return { file: { url: file } };
  if (tone) return { tone: { name: tone } };
  return typeof silence === 'number' ? { silence } : bad('nothing to play');
}

const statsMessage = (stats: MediaStats): Wire['Stats'] => ({ ...stats, dropped: { ...stats.dropped } });

function statsOf(stats: Wire['Stats']): MediaStats {
  const { roundTrip, mos, remoteLost, remoteJitter, remoteHighest, dropped } = stats;
  const known = { roundTrip, mos, remoteLost, remoteJitter, remoteHighest };
  return {
    sentPackets: stats.sentPackets ?? 0,
    sentOctets: stats.sentOctets ?? 0,
    receivedPackets: stats.receivedPackets ?? 0,
    receivedOctets: stats.receivedOctets ?? 0,
    lost: stats.lost ?? 0,
    jitter: stats.jitter ?? 0,
    ...Object.fromEntries(Object.entries(known).filter(([, value]) => typeof value === 'number')),
    dropped: { ...noDrops(), ...dropped },
  };
}

/** What signalling asks for, as a message. */
export const ask = {
  allocate: ({ id, silenceLimit, port }: AllocateRequest): OperationMessage => ({
    allocate: { id, silenceLimit, ...(port !== undefined && { port }) },
  }),
  openPipe: ({
    id,
    codec,
    silenceLimit = 0,
    room,
  }: Parameters<MediaPlane['openPipe']>[0]): OperationMessage => ({
    openPipe: { id, codec, silenceLimit, ...(room !== undefined && { room }) },
  }),
  connectPipe: (id: string, remote: PipeEnd): OperationMessage => ({
    connectPipe: { id, remote: pipeAddress(remote) },
  }),
  connect: (id: string, remote: RemoteMedia): OperationMessage => ({
    connect: {
      id,
      remote: {
        ...remote,
        ...formatMessage(remote),
        alsoHeard: (remote.alsoHeard ?? []).map(formatMessage),
        networks: [...(remote.networks ?? [])],
      },
    },
  }),
  play: (id: string, { playId, loop, items, account }: PlayRequest): OperationMessage => ({
    play: { id, playId, loop, items: items.map(playable), ...(account && { account }) },
  }),
  stop: (id: string, playId: string): OperationMessage => ({ stop: { id, playId } }),
  sendDigits: (id: string, digits: string): OperationMessage => ({ sendDigits: { id, digits } }),
  bridge: (a: string, b: string, hears: boolean): OperationMessage => ({ bridge: { a, b, hears } }),
  unbridge: (id: string): OperationMessage => ({ unbridge: { id } }),
  limitSilence: (id: string, limit: number): OperationMessage => ({ limitSilence: { id, limit } }),
  readStats: (id: string): OperationMessage => ({ readStats: { id } }),
  release: (id: string): OperationMessage => ({ release: { id } }),
  settle: (): OperationMessage => ({ settle: {} }),
};

/** Has a media plane do what an operation asks for; `settle` is not for the plane. */
export async function perform(
  plane: MediaPlane,
  operation: OperationMessage,
  bad: Bad,
): Promise<AnswerMessage> {
  const { allocate, openPipe, connectPipe, connect, play, stop, sendDigits, bridge } = operation;
  const { unbridge, limitSilence, readStats, release } = operation;
  if (allocate) {
    const { silenceLimit, port, codecs = [] } = allocate;
    for (const codec of codecs ?? []) codecOf(codec, bad);
    const request = { id: textOf(allocate.id, 'id', bad), silenceLimit: silenceLimit ?? 0 };
    return { allocation: await plane.allocate({ ...request, ...(port && { port }) }) };
  }
  if (openPipe) {
    const { silenceLimit, room } = openPipe;
    const request = { id: textOf(openPipe.id, 'id', bad), codec: codecOf(openPipe.codec, bad) };
    const limits = { silenceLimit: silenceLimit ?? 0, ...(room && { room }) };
    return { pipe: pipeAddress(await plane.openPipe({ ...request, ...limits })) };
  }
  if (connectPipe) await plane.connectPipe(connectPipe.id ?? '', pipeOf(connectPipe.remote, bad));
  else if (connect) await plane.connect(connect.id ?? '', remoteOf(connect.remote, bad));
  else if (play) {
    const items = (play.items ?? []).map((item) => playItem(item, bad));
    const { playId, loop, account } = play;
    const request = { playId: playId ?? '', loop: loop ?? 0, items, ...(account && { account }) };
    plane.play(play.id ?? '', request);
  } else if (stop) plane.stop(stop.id ?? '', stop.playId ?? '');
  else if (sendDigits) plane.sendDigits(sendDigits.id ?? '', sendDigits.digits ?? '');
  else if (bridge) plane.bridge(bridge.a ?? '', bridge.b ?? '', { hears: bridge.hears ?? false });
  else if (unbridge) plane.unbridge(unbridge.id ?? '');
  else if (limitSilence) plane.setSilenceLimit(limitSilence.id ?? '', limitSilence.limit ?? 0);
  else if (readStats) return { stats: statsMessage(await plane.stats(readStats.id ?? '')) };
  else if (release) await plane.release(release.id ?? '');
  else return bad('an operation of no known kind');
  return { done: {} };
}

/** What an answer has, for whoever asked. */
export function answered(answer: AnswerMessage, bad: Bad): Allocation | PipeEnd | MediaStats | undefined {
  const { allocation, pipe, stats } = answer;
  if (allocation) {
    const { id, address, port } = allocation;
    return {
      id: textOf(id, 'id', bad),
      address: textOf(address, 'address', bad),
      port: portOf(port, bad),
    };
  }
  if (pipe) return pipeOf(pipe, bad);
  return stats ? statsOf(stats) : undefined;
}

/** What happened on a session, as a message. */
export const report: { [E in keyof MediaEvents]: (...args: MediaEvents[E]) => EventMessage } = {
  digit: (id, digit) => ({ id, digit }),
  played: (id, played) => ({ id, played }),
  latched: (id, latched) => ({ id, latched }),
  contested: (id, { address, port, heard }) => ({
    id,
    contested: {
      address,
      port,
      ...(heard && { heardAddress: heard.address, heardPort: heard.port }),
    },
  }),
  stopped: (id, silentFor) => ({ id, stopped: { silentFor } }),
};

/** The event that a message is. */
export function eventOf(
  { id, digit, played, latched, contested, stopped }: EventMessage,
  bad: Bad,
): { [E in keyof MediaEvents]: readonly [E, MediaEvents[E]] }[keyof MediaEvents] {
  const session = textOf(id, 'id', bad);
  if (digit) {
    const { digit: key = '', duration, source } = digit;
    const found = { digit: key ?? '', duration: duration ?? 0, source: source as 'rfc4733' | 'inband' };
    return ['digit', [session, found]];
  }
  if (played) {
    const { playId, outcome, code, message } = played;
    const found = { playId: playId ?? '', outcome: outcome as 'completed' | 'stopped' | 'failed' };
    return ['played', [session, { ...found, ...(code && { code }), ...(message && { message }) }]];
  }
  if (latched) {
    const { address, port, codec } = latched;
    return ['latched', [session, { address: address ?? '', port: port ?? 0, codec: codec ?? '' }]];
  }
  if (contested) {
    const { address, port, heardAddress, heardPort } = contested;
    const heard = heardAddress && heardPort ? { address: heardAddress, port: heardPort } : undefined;
    return ['contested', [session, { address: address ?? '', port: port ?? 0, ...(heard && { heard }) }]];
  }
  return stopped ? ['stopped', [session, stopped.silentFor ?? 0]] : bad('an event of no known kind');
}
