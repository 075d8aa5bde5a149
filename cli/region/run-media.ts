import { loadTls } from '@tandem/actors/peers';
import { createMediaServer } from '@tandem/gateways/media';
import { parseHostPort } from '../addresses/index.ts';
import { newNode, version } from '../command-line/index.ts';
import type { RegionConfig } from '../config/index.ts';
import type { Log } from '../log/index.ts';
import { linkFiles } from '../process/index.ts';
import { openOwnMedia } from './open-media.ts';
import { openRenderer } from './open-renderer.ts';

export interface RunningMedia {
  /** Port of the media control. */
  readonly port: number;
  /** Sessions that signalling has here. */
  readonly sessions: number;
  close(): Promise<void>;
}

/**
 * Starts the media part of a gateway as a process of its own (requirement G2): it does what the signalling part, which
 * has the same configuration, asks for. @throws link.listen-failed, config.media-address
 */
export async function runMedia(config: RegionConfig, log: Log): Promise<RunningMedia> {
  await using opening = new AsyncDisposableStack();
  const { region, gateway, media, border, link } = config;
  const tls = await loadTls(linkFiles(link.certificates, region));
  const renderer = openRenderer(config, { tls, via: link.border ?? border?.listen }, log);
  opening.defer(() => renderer.close());
  const plane = await openOwnMedia(config, renderer, log);
  opening.defer(() => plane.close());
  const { host, port } = parseHostPort(media.control!)!;
  const server = await createMediaServer({
    region,
    gateway,
    node: newNode(`${region}/${gateway}`),
    version,
    tls,
    plane,
    log,
    address: { host, port },
  });
  opening.defer(() => server.close());
  log.info({ region, gateway, control: media.control, ports: media.ports }, 'media runs');
  const running = opening.move();
  return {
    port: server.port,
    get sessions() {
      return server.sessions;
    },
    close: () => running.disposeAsync(),
  };
}
