import { getCACertificates, type SecureContextOptions } from 'node:tls';
import type { RegionConfig } from '../config/index.ts';
import { readNamedFile } from '../process/index.ts';

/**
 * Reads what SIP over TLS needs. An authority of one's own comes beside the public ones, which providers use.
 *
 * @throws config.file-unreadable
 */
export async function readSipTls({
  cert,
  key,
  ca,
}: NonNullable<RegionConfig['sip']['tls']>): Promise<SecureContextOptions> {
  return {
    cert: await readNamedFile('sip.tls.cert', cert),
    key: await readNamedFile('sip.tls.key', key),
    ...(ca !== undefined && { ca: [...getCACertificates(), String(await readNamedFile('sip.tls.ca', ca))] }),
  };
}
