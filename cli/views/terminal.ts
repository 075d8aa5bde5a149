/** Text as it may be shown on one line of a terminal: a peer's control and direction characters are spelt out. */
export const oneLine = (text: string): string =>
  text.replace(
    /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );

/** Colours by what they mean. */
export interface Style {
  strong(text: string): string;
  quiet(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  busy(text: string): string;
  actor(text: string, index: number): string;
}

const ACTOR_COLOURS = [35, 36, 34, 33];

/** Escape sequences, or none of them. */
export function createStyle(colour: boolean): Style {
  const sgr = (code: number) => (text: string) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
  return {
    strong: sgr(1),
    quiet: sgr(90),
    good: sgr(32),
    bad: sgr(31),
    busy: sgr(33),
    actor: (text, index) => sgr(ACTOR_COLOURS[index % ACTOR_COLOURS.length]!)(text),
  };
}

/** How a command's output is to look: colours on a terminal that has them, unless NO_COLOR is set. */
export interface Look {
  readonly style: Style;
  /** Columns of a line. */
  readonly width: number;
}

/** Below this, lines are longer than the terminal is wide. */
const MIN_WIDTH = 72;

export function lookOf(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  env: NodeJS.ProcessEnv = process.env,
): Look {
  const colour = stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  return { style: createStyle(colour), width: Math.max(MIN_WIDTH, stream.columns ?? 120) };
}

/** The text cut to a number of columns; what is cut off shows as `…`. */
export const clip = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;

/** The text as lines of at most `width` columns, broken at spaces where there are any. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width);
    const end = space > width / 2 ? space : width;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...lines, rest];
}

/** A duration in milliseconds as people say it: `12.3 s`, `4 min 05 s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  const [minutes, rest] = [Math.floor(seconds / 60), String(seconds % 60).padStart(2, '0')];
  if (minutes < 60) return `${minutes} min ${rest} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** `2026-11-23 10:15:31` in UTC. */
export const formatDate = (time: number): string =>
  new Date(time).toISOString().slice(0, 19).replace('T', ' ');

/** `10:15:31.327` in UTC. */
export const formatClock = (time: number): string => new Date(time).toISOString().slice(11, 23);
