import { TandemError } from '@tandem/actors/errors/tandem-error.ts';

/** What a person reads on standard error when a command fails. */
export function describeFailure(error: unknown): string {
  if (error instanceof TandemError) return `tandem: ${error.message} [${error.code}]`;
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `tandem: this should not have happened, and is a fault of Tandem's; please report it with what follows.\n${detail}`;
}
