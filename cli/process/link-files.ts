import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TlsFiles } from '@tandem/actors/peers';

/** The files of the link's certificates for a region or main region, as `tandem certs` writes them. */
export const linkFiles = (directory: string, name: string): TlsFiles => ({
  ca: join(directory, 'ca.crt'),
  cert: join(directory, `${name}.crt`),
  key: join(directory, `${name}.key`),
});

/** Those of a gateway: its own, when it has a certificate for itself alone, else its region's. */
export function gatewayLinkFiles(directory: string, region: string, gateway: string): TlsFiles {
  const own = linkFiles(directory, `${region}-${gateway}`);
  return existsSync(own.cert) ? own : linkFiles(directory, region);
}
