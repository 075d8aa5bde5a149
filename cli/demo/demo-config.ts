import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDevelopmentCertificates } from '@tandem/actors/link/certificates.ts';
import { stringify } from 'yaml';
import { APPLICATION_NUMBER } from './demo-application.ts';
import { prepareDemoDirectory } from './demo-directory.ts';
import type { DemoPorts } from './demo-ports.ts';

export const DEMO_ACCOUNT = 'AC00000000000000000000000000000001';
export const DEMO_TOKEN = 'demo-token-0123456789';

/**
 * Writes the demo's two configuration files, as anybody would write them, and makes the link's certificates.
 * What an earlier demo left in the directory is removed.
 *
 * @returns the files' names
 * @throws config.demo-directory
 */
export async function writeDemoConfig(directory: string, voiceUrl: string, link: number, ports: DemoPorts) {
  await prepareDemoDirectory(directory);
  const certificates = join(directory, 'certificates');
  await ensureDevelopmentCertificates(certificates, { main: 'us1', regions: ['ie1'] });
  const main = join(directory, 'us1.yaml');
  await writeFile(
    main,
    stringify({
      main: 'us1',
      store: `sqlite:${join(directory, 'us1/events.db')}`,
      data: join(directory, 'us1'),
      link: { listen: `127.0.0.1:${link}`, certificates },
      api: { listen: `127.0.0.1:${ports.api}` },
      applications: { allowPrivateNetworks: ['127.0.0.0/8'] },
      regions: ['ie1'],
      accounts: [{ sid: DEMO_ACCOUNT, authToken: DEMO_TOKEN, name: 'Demo' }],
      numbers: [{ number: APPLICATION_NUMBER, account: DEMO_ACCOUNT, voiceUrl }],
    }),
  );
  const region = join(directory, 'ie1.yaml');
  await writeFile(
    region,
    stringify({
      region: 'ie1',
      gateway: 'gw1',
      data: join(directory, 'ie1'),
      link: { mains: [{ name: 'us1', address: `127.0.0.1:${link}` }], certificates },
      sip: { listen: [`udp:127.0.0.1:${ports.sip}`, `tcp:127.0.0.1:${ports.sip}`] },
      media: { bind: '127.0.0.1' },
      trunks: [
        {
          name: 'loopback',
          allow: ['127.0.0.0/8'],
          address: `127.0.0.1:${ports.callee}`,
          prefixes: ['+'],
        },
      ],
    }),
  );
  return { main, region };
}
