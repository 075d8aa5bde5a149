import { TandemError } from '@tandem/actors/errors';

/** What a person reads on standard error when a command fails. */
export function describeFailure(thrown: unknown): string {
  const error = firstOf(thrown);
  if (error instanceof TandemError) return `tandem: ${error.message} [${error.code}]`;
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `tandem: this should not have happened, and is a fault of Tandem's; please report it with what follows.\n${detail}`;
}

/** What failed first; that something else failed while what had been opened was closed is seldom news. */
function firstOf(error: unknown): unknown {
  return error instanceof SuppressedError ? firstOf(error.suppressed) : error;
}
