import { setImmediate } from 'node:timers/promises';
import type { LinkTls } from '@tandem/actors/peers';
import type { Renderer } from '@tandem/gateways/audio/render';
import type { MediaPlane } from '@tandem/gateways/media';
import { createMediaPlane, RemoteMediaPlane } from '@tandem/gateways/media';
import { findWorker } from '@tandem/media-worker';
import { parsePortRange } from '../addresses/index.ts';
import { version } from '../command-line/index.ts';
import type { RegionConfig } from '../config/index.ts';
import type { Log } from '../log/index.ts';
import { checkMediaAddress } from '../process/index.ts';

/** Opens the media plane of a gateway in this process. @throws config.media-address */
export async function openOwnMedia(
  { media }: Pick<RegionConfig, 'media'>,
  renderer: Renderer,
  log: Log,
): Promise<MediaPlane> {
  await checkMediaAddress(media.bind);
  const worker = media.relays === 0 ? undefined : findWorker();
  if (worker === undefined)
    log.warn(
      { relays: media.relays, worker: process.env.MEDIASOUP_WORKER_BIN },
      'runs without mediasoup’s worker: media to and from other gateways goes through our own code, which takes more processor time',
    );
  return createMediaPlane({
    bindAddress: media.bind,
    advertisedAddress: media.advertise,
    ports: parsePortRange(media.ports),
    workers: media.workers,
    relay: { binary: worker ?? '', workers: media.relays },
    pipes: {
      bindAddress: media.pipes.bind ?? media.bind,
      advertisedAddress: media.pipes.advertise,
      ports: parsePortRange(media.pipes.ports),
    },
    sendsSilence: media.sendSilence,
    render: renderer.render,
    onFault: (error) => log.error({ err: error }, 'media failed'),
  });
}

export interface OpenMedia {
  readonly plane: MediaPlane;
  /** The legs that were live at the start have their sessions again: what else is left of them is given back. */
  settle(): void;
}

/** Opens the media of a gateway: in this process, or in its media part where the configuration says that it is apart. */
export async function openMedia(
  config: Pick<RegionConfig, 'region' | 'gateway' | 'media'>,
  { node, tls, renderer, log }: { node: string; tls: LinkTls; renderer: Renderer; log: Log },
): Promise<OpenMedia> {
  const { region, gateway, media } = config;
  if (media.control === undefined)
    return { plane: await openOwnMedia(config, renderer, log), settle: () => {} };
  const plane = await RemoteMediaPlane.open({
    region,
    gateway,
    node,
    version,
    tls,
    log,
    address: media.control,
    onFault: (error) => log.error({ err: error }, 'media failed'),
    onReplaced(error) {
      log.fatal({ err: error }, 'ends, to take its calls up with new media when it is started again');
      // Without a goodbye: in order, it would hang its calls up.
      void setImmediate().then(() => process.exit(1));
    },
  });
  return { plane, settle: () => plane.settle() };
}
