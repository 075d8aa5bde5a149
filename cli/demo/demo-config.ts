import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDevelopmentCertificates } from '@tandem/actors/peers';
import { stringify } from 'yaml';
import { APPLICATION_NUMBER } from './demo-application.ts';
import { prepareDemoDirectory } from './demo-directory.ts';
import type { DemoDistance } from './demo-distance.ts';
import { LOCAL_REGIONS, type LocalRegion, MAIN_REGION } from './demo-places.ts';
import { type DemoPorts, freePorts } from './demo-ports.ts';

export const DEMO_ACCOUNT = 'AC00000000000000000000000000000001';
export const DEMO_TOKEN = 'demo-token-0123456789';

const MAIN = MAIN_REGION.name;
/** Media ports of the first region, of its pipes, and how far the next one's are from them. */
const MEDIA = { first: 20_000, pipes: 18_000, count: 1000, used: 40 };

/** What was written for a region: its file, and where its phones and those who call them are. */
export interface WrittenRegion extends LocalRegion {
  readonly file: string;
  readonly sip: number;
  readonly phonePort: number;
}

/**
 * Writes the demo's configuration files, as anybody would write them, and makes the link's certificates. What an
 * earlier demo left in the directory is removed.
 *
 * @throws config.demo-directory
 */
export async function writeDemoConfig(
  directory: string,
  voiceUrl: string,
  distance: DemoDistance,
  ports: DemoPorts,
): Promise<{ main: string; regions: WrittenRegion[] }> {
  await prepareDemoDirectory(directory);
  const certificates = join(directory, 'certificates');
  const names = LOCAL_REGIONS.map(({ name }) => name);
  await ensureDevelopmentCertificates(certificates, { main: MAIN, regions: names });
  const others = await freePorts(1 + 3 * names.length, ports);
  const link = others.pop()!;
  const main = join(directory, `${MAIN}.yaml`);
  await writeFile(
    main,
    stringify({
      main: MAIN,
      store: `sqlite:${join(directory, MAIN, 'events.db')}`,
      data: join(directory, MAIN),
      link: { listen: `${distance.addressOf(MAIN)}:${link}`, certificates },
      api: { listen: `127.0.0.1:${ports.api}` },
      applications: { allowPrivateNetworks: ['127.0.0.0/8'] },
      regions: names,
      accounts: [{ sid: DEMO_ACCOUNT, authToken: DEMO_TOKEN, name: 'Demo' }],
      numbers: [{ number: APPLICATION_NUMBER, account: DEMO_ACCOUNT, voiceUrl }],
    }),
  );
  await distance.openTcp(MAIN, link);
  const borders = new Map<string, number>();
  for (const name of names) borders.set(name, others.pop()!);
  const regions: WrittenRegion[] = [];
  for (const [index, region] of LOCAL_REGIONS.entries()) {
    const { name, prefix } = region;
    const sip = index === 0 ? ports.sip : others.pop()!;
    const phonePort = index === 0 ? ports.callee : others.pop()!;
    const media = MEDIA.first + index * MEDIA.count;
    const pipes = MEDIA.pipes + index * MEDIA.count;
    const file = join(directory, `${name}.yaml`);
    await writeFile(
      file,
      stringify({
        region: name,
        gateway: 'gw1',
        data: join(directory, name),
        link: { mains: [{ name: MAIN, address: `${distance.seenFrom(name, MAIN)}:${link}` }], certificates },
        border: {
          listen: `${distance.addressOf(name)}:${borders.get(name)}`,
          peers: names
            .filter((other) => other !== name)
            .map((other) => ({
              region: other,
              address: `${distance.seenFrom(name, other)}:${borders.get(other)}`,
              media: distance.seenFrom(name, other),
            })),
        },
        sip: { listen: [`udp:127.0.0.1:${sip}`, `tcp:127.0.0.1:${sip}`] },
        media: {
          bind: '127.0.0.1',
          ports: `${media}-${media + MEDIA.count - 1}`,
          pipes: { bind: distance.addressOf(name), ports: `${pipes}-${pipes + MEDIA.used - 1}` },
        },
        trunks: [
          {
            name: 'loopback',
            allow: ['127.0.0.0/8'],
            prefixes: [prefix],
            address: `127.0.0.1:${phonePort}`,
          },
        ],
      }),
    );
    await distance.openTcp(name, borders.get(name)!);
    await distance.openUdp(name, pipes, pipes + MEDIA.used - 1);
    regions.push({ ...region, file, sip, phonePort });
  }
  return { main, regions };
}
