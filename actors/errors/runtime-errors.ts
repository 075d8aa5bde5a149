import { define } from './define.ts';

export const runtimeErrors = {
  'runtime.command-failed': define<{ type: string; code: string; detail: string }>(
    502,
    (p) => `The region could not have ${p.type} carried to its leg (${p.code}): ${p.detail}`,
    'See the log of the region.',
  ),
  'runtime.invalid-event': define<{ type: string; detail: string }>(
    400,
    (p) => `Event ${p.type} does not have the form that proto/events.proto gives it: ${p.detail}.`,
    'Send every field that is not optional, with a value of its type.',
  ),
  'runtime.unknown-event': define<{ type: string }>(
    400,
    (p) => `There is no event type ${p.type}.`,
    'Use a message name from the event catalogue.',
  ),
  'runtime.unknown-version': define<{ type: string; version: number; known: number; stream: string }>(
    500,
    (p) =>
      `Stream ${p.stream} holds ${p.type} in schema version ${p.version}; this program knows versions up to ${p.known}.`,
    'Run the version of Tandem that wrote the stream, or a later one.',
  ),
  'runtime.unknown-actor': define<{ stream: string }>(
    404,
    (p) => `No kind of actor lives in a stream named ${p.stream}.`,
    'Use a stream name that starts with a known kind, such as call-CA… or leg-LE….',
  ),
  'runtime.contended': define<{ stream: string; attempts: number }>(
    409,
    (p) => `Another writer was first on stream ${p.stream}, ${p.attempts} times in a row.`,
    'Make sure that one process owns each actor.',
  ),
  'runtime.not-owner': define<{ stream: string; owner: string }>(
    409,
    (p) => `${p.stream} is run by ${p.owner}, not by this process.`,
    'Tell it there; its stream says who took it over.',
  ),
  'runtime.machine-failed': define<{ stream: string; type: string; detail: string }>(
    500,
    (p) => `The machine of ${p.stream} failed on ${p.type}: ${p.detail}.`,
    'Nothing was stored. Report this with the output of `tandem replay`; the machine has a fault.',
  ),
  'runtime.unknown-effect': define<{ stream: string; effect: string }>(
    500,
    (p) => `The machine of ${p.stream} asked for ${p.effect}, which this process does not carry out.`,
    'Run the actor in the process that owns its kind.',
  ),
  'runtime.closed': define(
    503,
    () => 'The actor system is closed.',
    'Stop sending work to a process that is shutting down.',
  ),
  'runtime.mailbox-full': define<{ stream: string; limit: number }>(
    503,
    (p) => `${p.stream} has ${p.limit} messages waiting.`,
    'Send less, or wait for answers before sending more.',
  ),
  'runtime.unexpected': define<{ detail: string }>(
    500,
    (p) => `Something failed that should not: ${p.detail}.`,
    'Report this with the log around it.',
  ),
  'runtime.not-sealed': define<{ detail: string }>(
    500,
    (p) => `A secret could not be sealed: ${p.detail}.`,
    'Look at what the gateway that it is for says of its key; a gateway of the newest release says one that fits.',
  ),
  'runtime.not-opened': define<{ detail: string }>(
    500,
    (p) => `A sealed secret could not be opened: ${p.detail}.`,
    'Nothing, if the gateway was just restarted: what was sealed to the process before is asked for anew.',
  ),
};
