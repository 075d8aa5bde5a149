import { unwatchFile, watchFile } from 'node:fs';
import type { ApiTls } from '@tandem/projections/api';
import type { MainConfig } from '../config/index.ts';
import { readNamedFile } from '../process/index.ts';

/** Milliseconds between two looks at whether a certificate was renewed. */
const LOOK_EVERY = 10_000;

/** @throws config.file-unreadable */
export async function readApiTls({ cert, key }: NonNullable<MainConfig['api']['tls']>): Promise<ApiTls> {
  return { cert: await readNamedFile('api.tls.cert', cert), key: await readNamedFile('api.tls.key', key) };
}

/** Calls `renew` when the file of a certificate was written anew, whose key is written before it. Returns how to stop. */
export function whenRenewed(
  { cert }: NonNullable<MainConfig['api']['tls']>,
  renew: () => void,
  every = LOOK_EVERY,
): () => void {
  const look = (now: { mtimeMs: number }, before: { mtimeMs: number }): void => {
    if (now.mtimeMs !== before.mtimeMs && now.mtimeMs > 0) renew();
  };
  watchFile(cert, { interval: every, persistent: false }, look);
  return () => unwatchFile(cert, look);
}
