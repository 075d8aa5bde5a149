import { TandemError } from '../errors/index.ts';
import { limits } from '../peers/index.ts';

/**
 * What this release can do on the link beside what its protocol version says: `reports` are taken, and calls are
 * handed from one router to another (`ownership`). Both sides say what they support and what they cannot do without.
 */
export const FEATURES: readonly string[] = ['reports', 'ownership'];

/** What a gateway needs of a router. */
export const REQUIRED: readonly string[] = ['ownership'];

/** @throws link.unsupported when a peer needs what we cannot do */
export function checkFeatures(required: readonly string[] | null | undefined, peer: string): void {
  const missing = (required ?? []).filter((feature) => !FEATURES.includes(feature));
  if (missing.length > 0)
    throw new TandemError('link.unsupported', {
      peer,
      missing: missing.join(', ').slice(0, limits.name),
    });
}
