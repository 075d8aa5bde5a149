import { TandemError } from '@tandem/actors/errors';
import { type Bindings, type ChildLoggerOptions, type Logger, pino } from 'pino';
import { formatLine } from './log-format.ts';
import { redact } from './redact.ts';

export type Log = Logger;

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** Where a log's lines go; `isTTY` decides between readable lines and JSON. */
export interface LogStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * A logger for one process: readable lines on a terminal, JSON lines otherwise, on standard error so that
 * standard output stays a command's own. TANDEM_LOG sets the lowest level that is written (default: info).
 * Secrets (tokens, passwords, Authorization headers) are replaced wherever they are nested.
 *
 * @throws config.log-level
 */
export function createLog(
  name: string,
  env: NodeJS.ProcessEnv = process.env,
  stream: LogStream = process.stderr,
): Log {
  const level = env.TANDEM_LOG || 'info';
  if (!LEVELS.includes(level)) {
    throw new TandemError('config.log-level', { written: level, levels: LEVELS.join(', ') });
  }
  const destination = stream.isTTY
    ? { write: (line: string) => stream.write(formatLine(JSON.parse(line))) }
    : { write: (line: string) => stream.write(line) };
  const log = pino(
    {
      name,
      level,
      base: { pid: process.pid },
      formatters: { level: (label) => ({ level: label }), log: redact },
      serializers: { err: describeError },
    },
    destination,
  );
  // pino formats the fields of a line, but not those that a child adds to all of its lines.
  const { child } = log;
  const redactingChild = function (this: Log, fields: Bindings, options?: ChildLoggerOptions): Log {
    return Reflect.apply(child, this, [redact(fields), options]);
  };
  return Object.assign(log, { child: redactingChild });
}

const describeError = (error: unknown) =>
  error instanceof TandemError
    ? { code: error.code, message: error.message }
    : error instanceof Error
      ? { name: error.name, message: error.message, stack: error.stack }
      : error;
