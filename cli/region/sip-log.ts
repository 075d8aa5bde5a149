import { TandemError } from '@tandem/actors/errors';
import type { Log } from '../log/index.ts';

/** Milliseconds for which the same failure is said once. */
const EVERY = 60_000;

/** Failures that are told apart in that time; what is new beyond them is counted and not said. */
const MAX_KINDS = 200;

/** Characters of what is said: a peer may write a host name of thousands. */
const MAX_CHARACTERS = 300;

interface Said {
  readonly at: number;
  /** How often it has happened since. */
  again: number;
}

/**
 * Logs what goes wrong in the SIP stack outside any call's knowledge. Peers can bring about as many failures as they
 * like, so the same failure of the same peer is one line a minute, with how often it has happened since the line
 * before, and there are no more than 200 lines a minute. Messages themselves are never among it.
 *
 * @param now milliseconds on a clock that never goes back
 */
export function sipLog(
  log: Log,
  now: () => number = () => performance.now(),
): (what: string, error: unknown) => void {
  const said = new Map<string, Said>();
  let unsaid = 0;
  return (what, error) => {
    const message = what.slice(0, MAX_CHARACTERS);
    const kind = `${message} ${kindOf(error)}`;
    const at = now();
    const before = said.get(kind);
    if (before !== undefined && at - before.at < EVERY) {
      before.again++;
      return;
    }
    if (before === undefined && said.size >= MAX_KINDS && !forgetOldest(said, at)) {
      unsaid++;
      return;
    }
    // The map's order is that of the lines.
    said.delete(kind);
    said.set(kind, { at, again: 0 });
    const counts = {
      ...(before !== undefined && before.again > 0 && { again: before.again }),
      ...(unsaid > 0 && { unsaid }),
    };
    unsaid = 0;
    // What the registry has no word for is a fault of ours.
    log[error instanceof TandemError ? 'warn' : 'error']({ err: error, ...counts }, message);
  };
}

const forgetOldest = (said: Map<string, Said>, at: number): boolean => {
  const [kind, { at: oldest }] = said.entries().next().value!;
  return at - oldest >= EVERY && said.delete(kind);
};

/** What two failures have in common that are the same; a code says less than a message, which may have a port in it. */
const kindOf = (error: unknown): string => {
  if (error instanceof TandemError) return error.code;
  return error instanceof Error ? `${error.name} ${error.message}`.slice(0, MAX_CHARACTERS) : typeof error;
};
