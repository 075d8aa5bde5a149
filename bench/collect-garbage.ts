import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/**
 * Collects all garbage now, so that what was made to be measured with is old: otherwise whoever is measured first
 * pays for moving it.
 */
export const collectGarbage: () => void = runInNewContext('gc');
