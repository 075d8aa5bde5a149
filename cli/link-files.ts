import { join } from 'node:path';
import type { TlsFiles } from '@tandem/actors/link/tls.ts';

/** The files of the link's certificates for a region or main region, as `tandem certs` writes them. */
export const linkFiles = (directory: string, name: string): TlsFiles => ({
  ca: join(directory, 'ca.crt'),
  cert: join(directory, `${name}.crt`),
  key: join(directory, `${name}.key`),
});
