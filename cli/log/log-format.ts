import { inspect } from 'node:util';

const COLOURS: Record<string, number> = { trace: 90, debug: 90, info: 36, warn: 33, error: 31, fatal: 31 };

/** One line for people from a log line's JSON: time of day, level, message, the remaining fields. */
export function formatLine(line: Record<string, unknown>): string {
  const { time, level, name, msg, err, pid: _pid, ...rest } = line;
  const clock = new Date(Number(time)).toISOString().slice(11, 23);
  const word = String(level);
  const fields = Object.entries(rest).map(
    ([key, value]) =>
      `\x1b[90m${key}=\x1b[0m${inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 4 })}`,
  );
  const parts = [
    `\x1b[90m${clock}\x1b[0m`,
    `\x1b[${COLOURS[word] ?? 0}m${word.padEnd(5)}\x1b[0m`,
    ...(name ? [`\x1b[90m${name}\x1b[0m`] : []),
    ...(msg ? [printable(String(msg))] : []),
    ...fields,
  ];
  return `${parts.join(' ')}\n${err ? describe(err) : ''}`;
}

/** A peer's text may reach a message: no control character of it reaches the terminal. */
const printable = (text: string): string =>
  text.replace(/(?![\t\n])\p{Cc}/gu, (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`);

function describe(err: unknown): string {
  if (typeof err !== 'object' || err === null) return `    ${printable(String(err))}\n`;
  const { stack, code, message } = err as Record<string, unknown>;
  const text = stack ? String(stack) : [code, message].filter(Boolean).join(': ');
  return `${printable(text).replaceAll(/^/gm, '    ')}\n`;
}
