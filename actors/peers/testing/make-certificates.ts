import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDevelopmentCertificates } from '../certificates.ts';
import { type LinkTls, loadTls } from '../tls.ts';

/** Certificates of a fresh authority for a main region `main`, regions `ie1` and `us1`, and the gateway `ie1/gw2` alone. */
export async function makeCertificates(): Promise<Record<string, LinkTls>> {
  const directory = await mkdtemp(join(tmpdir(), 'tandem-link-'));
  try {
    const files = await ensureDevelopmentCertificates(directory, {
      main: 'main',
      regions: ['ie1', 'us1'],
      gateways: ['ie1/gw2'],
    });
    const all: Record<string, LinkTls> = {};
    for (const [name, one] of Object.entries(files)) all[name] = await loadTls(one);
    return all;
  } finally {
    await rm(directory, { recursive: true });
  }
}
