// https://www.sqlite.org/rescode.html: those of a statement and its values, which no other time mends.
const TOO_BIG = 18;
const CONSTRAINT = 19;
const MISMATCH = 20;
const RANGE = 25;
const FAULTS_OF_VALUES: ReadonlySet<number> = new Set([TOO_BIG, CONSTRAINT, MISMATCH, RANGE]);

/** Whether an error is of the database or its disk (full, busy, unreadable), and not of what was to be written. */
export function isStorageFault(error: unknown): boolean {
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown };
  if (typeof code !== 'string') return false;
  if (code === 'ERR_SQLITE_ERROR')
    // The low byte is the primary code of an extended one.
    return typeof errcode !== 'number' || !FAULTS_OF_VALUES.has(errcode & 0xff);
  return code.startsWith('store.') || code === 'ERR_INVALID_STATE';
}
