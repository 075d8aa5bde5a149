// A stream is named after its actor: its kind, a hyphen, its id. An id of a leg, a pipe or a call begins with two
// letters that say what it is of, as Twilio's do.

const PREFIXES: Readonly<Record<string, string>> = { CA: 'call', LE: 'leg', PI: 'pipe' };

export const callStream = (callSid: string): string => `call-${callSid}`;
export const legStream = (legId: string): string => `leg-${legId}`;
export const pipeStream = (pipeId: string): string => `pipe-${pipeId}`;
export const regionStream = (region: string): string => `region-${region}`;

/** The stream of a call, a leg or a pipe, by its id. */
export const streamOf = (id: string): string => `${PREFIXES[id.slice(0, 2)] ?? 'leg'}-${id}`;

/** The id of the actor whose stream this is. */
export const idOf = (stream: string): string => stream.slice(stream.indexOf('-') + 1);

export const isCallStream = (stream: string): boolean => stream.startsWith('call-');
export const isLegStream = (stream: string): boolean => stream.startsWith('leg-');
export const isPipeStream = (stream: string): boolean => stream.startsWith('pipe-');
