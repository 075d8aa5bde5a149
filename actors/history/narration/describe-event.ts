import type { Instruction, Messages, PlayItem, StreamQuality } from '@tandem/proto/generated/events.ts';
import type { EventType } from '../../events/index.ts';
import { withoutCredentials } from '../../net/index.ts';
import { isSealed } from '../../secrets/index.ts';

/** What people call the legs of a call, by leg id. */
export type Names = ReadonlyMap<string, string>;

type Describe<T extends EventType> = (data: Messages[T], names: Names) => string;

export const nameOf = (names: Names, legId: string): string => names.get(legId) ?? legId;
export const url = (text: string): string => withoutCredentials(text);
export const words = (...parts: readonly (string | number | undefined | false)[]): string =>
  parts.filter((part) => part !== undefined && part !== false && part !== '').join(' ');
export const because = (reason: string, detail?: string): string => words(reason, detail && `(${detail})`);

/** A gateway, by where it is. */
export const place = ({ region, gateway }: { region: string; gateway: string }): string =>
  `${region}/${gateway}`;

const wayOf = (nodes: Messages['MediaPathChosen']['nodes']): string =>
  nodes
    .map((node) => words(place(node), node.services.length > 0 && `(${node.services.join(', ')})`))
    .join(' → ');

const verbsOf = (instructions: readonly Instruction[]): string =>
  instructions.map((instruction) => Object.keys(instruction)[0]).join(', ') || 'nothing';

const playable = (item: PlayItem): string => {
  if ('speech' in item) return `“${item.speech.text}”`;
  if ('file' in item) return url(item.file.url);
  return 'tone' in item ? item.tone.name : `${item.silence / 1000} s of silence`;
};
export const playables = (items: readonly PlayItem[], loop: number): string =>
  words(items.map(playable).join(', '), loop === 0 ? 'until stopped' : loop > 1 && `${loop} times`);

/** How a stream of media sounded. */
const sound = (who: string, { packets, lost, jitter, roundTrip, mos }: StreamQuality): string => {
  const there = roundTrip === undefined ? '' : `, round trip ${Math.round(roundTrip)} ms`;
  return `${who} MOS ${mos.toFixed(1)} (lost ${lost} of ${packets}, jitter ${Math.round(jitter)} ms${there})`;
};

/** What is worth a line of each event, or of a command that becomes one. */
const DESCRIPTIONS: { [T in EventType]?: Describe<T> } = {
  TimerRang: ({ timer }) => timer,
  ActionFailed: ({ action, code, message }) => `${action}: ${message} [${code}]`,
  OwnerRestarted: ({ node }) => node,
  CallTakenOver: ({ router, from }) => `by ${router} from ${from}`,
  LegOffered: ({ from, to, trunk }) => `${from} → ${to} over ${trunk}`,
  LegRequested: ({ from, to, routes, timeout }) =>
    words(
      `${from} → ${to}`,
      routes.length > 0 && `over ${routes.map(({ trunk }) => trunk).join(', ')}`,
      `within ${timeout / 1000} s`,
    ),
  MediaAllocated: ({ address, port }) => `${address}:${port}`,
  MediaRefused: ({ code, message }) => `${message} [${code}]`,
  RingRequested: ({ earlyMedia }) => (earlyMedia ? 'with early media' : ''),
  ProgressReceived: ({ status, phrase, sdp }) => words(status, phrase, sdp !== undefined && 'with media'),
  RefusalReceived: ({ status, phrase }) => words(status, phrase),
  SessionChanged: ({ direction }) => direction,
  HangupRequested: ({ status, reason, detail }) => words(status || undefined, because(reason, detail)),
  ByeReceived: ({ reason = '' }) => reason,
  CancelReceived: ({ reason = '' }) => reason,
  LegAdopted: ({ from, ...where }) => `${place(where)}, from ${from}`,
  CallLegAdopterChosen: ({ legId, ...where }, names) => `${nameOf(names, legId)} to ${place(where)}`,
  CallLegNotAdopted: ({ legId, gateway, code, message }, names) =>
    words(nameOf(names, legId), gateway && `by ${gateway}`, `${message} [${code}]`),
  CallLegMoved: ({ legId, ...where }, names) => `${nameOf(names, legId)} to ${place(where)}`,
  SessionRefreshed: ({ offer }) => (offer === undefined ? '' : 'by an offer of ours'),
  DialogFailed: ({ status, code, message }) => words(status, `${message} [${code}]`),
  LegEnded: ({ reason, detail, status, by, heard, told, strangers, keysDropped }) =>
    [
      words(status || undefined, because(reason, detail), `by ${by}`),
      ...(heard ? [sound('heard', heard)] : []),
      ...(told ? [sound('was heard', told)] : []),
      ...(strangers ? [`${strangers} packets of others`] : []),
      ...(keysDropped ? [`${keysDropped} keys dropped`] : []),
    ].join('; '),
  MediaStopped: ({ silentFor }) => `silent for ${silentFor / 1000} s`,
  MediaContested: ({ address, port, heardAddress, heardPort }) =>
    words(
      `${address}:${port} is not heard`,
      heardAddress !== undefined && `but ${heardAddress}:${heardPort}`,
    ),
  MediaLatched: ({ address, port, codec }) => `${codec} from ${address}:${port}`,
  PlayRequested: ({ items, loop }) => playables(items, loop),
  PlayFinished: ({ outcome, message }) => because(outcome, message),
  DigitReceived: ({ digit, source }) => `${shownKey(digit)} (${source})`,
  KeySealingRequested: ({ sealTo, except }) =>
    sealTo ? words('keys are sealed', except && `but ${except}`) : 'keys are not sealed',
  DigitsRequested: ({ digits }) => digits,
  BridgeRequested: ({ peer }, names) => `with ${nameOf(names, peer)}`,
  CallReceived: ({ from, to, application, refused }) =>
    `${from} → ${to}: ${refused?.message ?? (application ? url(application.voiceUrl) : 'nobody has this number')}`,
  DocumentFetched: ({ status, contentType, duration, instructions, warnings }) =>
    [
      `${status} ${contentType} in ${Math.round(duration)} ms: ${verbsOf(instructions)}`,
      ...(warnings?.list ?? []).map(({ code, message }) => `left out: ${message} [${code}]`),
    ].join('; '),
  DocumentFailed: ({ status, message, code }) => words(status, message, `[${code}]`),
  CallLegInvited: ({ legId }, names) => nameOf(names, legId),
  CallLegRinging: ({ legId, status, earlyMedia }, names) =>
    words(nameOf(names, legId), status, earlyMedia && 'with early media'),
  CallLegAnswered: ({ legId }, names) => nameOf(names, legId),
  CallLegLeft: ({ legId, reason, detail, status, by }, names) =>
    words(`${nameOf(names, legId)}:`, status || undefined, because(reason, detail), `by ${by}`),
  CallLegMediaStopped: ({ legId, silentFor }, names) =>
    `${nameOf(names, legId)} silent for ${silentFor / 1000} s`,
  CallPlayFinished: ({ legId, outcome, message }, names) =>
    `${nameOf(names, legId)}: ${because(outcome, message)}`,
  CallDigitPressed: ({ legId, digit }, names) => `${shownKey(digit)} by ${nameOf(names, legId)}`,
  CallEnded: ({ reason, detail, duration }) => words(because(reason, detail), `after ${duration / 1000} s`),
  CallLegPlaced: ({ legId, ...where }, names) => `${nameOf(names, legId)} in ${place(where)}`,
  CallLegUnplaced: ({ legId, code, message }, names) => `${nameOf(names, legId)}: ${message} [${code}]`,
  CallGatewayLost: ({ reason, ...where }) => words(place(where), because(reason)),
  MediaPathChosen: ({ nodes, reason }) => words(wayOf(nodes), `(${reason})`),
  MediaPathRefused: ({ code, message }) => `${message} [${code}]`,
  MediaPathReviewRequested: ({ reason }) => reason,
  CallPipeOpened: ({ pipeId, end }, names) => `${nameOf(names, pipeId)} at ${end.address}:${end.port}`,
  CallPipeConnected: ({ pipeId }, names) => nameOf(names, pipeId),
  CallPipeLeft: ({ pipeId, reason, detail }, names) =>
    words(`${nameOf(names, pipeId)}:`, because(reason, detail)),
  PipeRequested: ({ codec, towards }) => `${codec} towards ${towards}`,
  PipeOpened: ({ end }) => `${end.address}:${end.port}`,
  PipeRefused: ({ code, message }) => `${message} [${code}]`,
  PipeConnectRequested: ({ peer }) => `to ${peer.address}:${peer.port}`,
  PipeEndRequested: ({ reason, detail }) => because(reason, detail),
  PipeEnded: ({ reason, detail, by }) => words(because(reason, detail), `by ${by}`),
  CallHangupRequested: ({ reason, detail }) => because(reason, detail),
};

/** A key that was pressed; one that is sealed is shown to nobody. */
const shownKey = (digit: string): string => (isSealed(digit) ? '•' : digit);

/** An event's data in a few words; empty when its type says all. */
export function describeEvent(type: string, data: unknown, names: Names): string {
  const describe = DESCRIPTIONS[type as EventType] as Describe<EventType> | undefined;
  return describe?.(data as never, names) ?? '';
}
