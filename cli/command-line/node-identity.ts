import { randomBytes } from 'node:crypto';
import manifest from '../package.json' with { type: 'json' };

export const { version } = manifest;

/** A name for this run of a process, another one at every start. */
export const newNode = (place: string): string => `${place}.${randomBytes(4).toString('hex')}`;
