import type { TandemError } from '@tandem/actors/errors';
import { findWorker } from '@tandem/media-worker';
import { RelayingMediaPlane, RelayWorkers } from './mediasoup/index.ts';
import type { MediaPlane, PipeOptions } from './plane/index.ts';
import { PIPE_PORTS, RtpMediaPlane, type RtpMediaPlaneOptions } from './worker/index.ts';

export interface MediaPlaneOptions extends Omit<RtpMediaPlaneOptions, 'lendsPorts' | 'pipes'> {
  readonly relay?: {
    /** mediasoup's worker program; the one that this machine has unless given, none with ''. */
    readonly binary?: string;
    /** How many of it run at the most; 0 for none. 1 unless given. */
    readonly workers?: number;
    /** Milliseconds between looks at what can be handed over and at who has fallen silent; 1000 unless given. */
    readonly lookEvery?: number;
  };
  /** Where pipes to other media planes end. As sessions, on ports of their own, unless given. */
  readonly pipes?: Partial<PipeOptions>;
}

/**
 * The media plane of this process: sessions and pipes. Where mediasoup's worker is here it carries the pipes, and what
 * nobody listens to; else our own code does. Close it to end both.
 */
export const createMediaPlane = (options: MediaPlaneOptions): MediaPlane => {
  const { relay = {}, pipes: wanted = {}, ...rest } = options;
  const binary = relay.workers === 0 ? undefined : (relay.binary ?? findWorker());
  const onFault = (error: TandemError): void => options.onFault?.(error);
  const { bindAddress } = options;
  const { bindAddress: pipesOn = bindAddress, ports: pipePorts = PIPE_PORTS } = wanted;
  // What leads to one of our addresses from outside leads there whatever it is for.
  const leadsToPipes = pipesOn === bindAddress ? options.advertisedAddress : undefined;
  const pipes = {
    bindAddress: pipesOn,
    advertisedAddress: wanted.advertisedAddress ?? leadsToPipes,
    ports: pipePorts,
  };
  if (!binary) return new RtpMediaPlane({ ...rest, pipes });
  const workers = new RelayWorkers({
    binary,
    count: relay.workers ?? 1,
    onLost: (error) => plane.lost(error),
  });
  const plane = new RelayingMediaPlane(new RtpMediaPlane({ ...rest, pipes, lendsPorts: true }), workers, {
    bindAddress,
    pipes,
    lookEvery: relay.lookEvery ?? 1000,
    onFault,
  });
  return plane;
};
