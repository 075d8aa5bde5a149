import type { TandemError } from '@tandem/actors/errors/tandem-error.ts';
import type { MediaPlane } from './media-plane.ts';
import type { PipeOptions } from './mediasoup/pipe.ts';
import { RelayWorkers } from './mediasoup/relay-workers.ts';
import { RelayingMediaPlane } from './mediasoup/relaying-media-plane.ts';
import { cachedWorker } from './mediasoup/worker/sources.ts';
import { findWorker } from './mediasoup/worker/worker-binary.ts';
import { RtpMediaPlane, type MediaPlaneOptions as SessionOptions } from './rtp-media-plane.ts';

export interface MediaPlaneOptions extends Omit<SessionOptions, 'lendsPorts' | 'noPipes'> {
  readonly relay?: {
    /** mediasoup's worker program; the one that this machine has unless given, none with ''. */
    readonly binary?: string;
    /** How many of it run at the most. 1 unless given. */
    readonly workers?: number;
    /** Milliseconds between looks at what can be handed over and at who has fallen silent; 1000 unless given. */
    readonly lookEvery?: number;
  };
  /** Where pipes to other media planes end. As sessions, on ports of their own, unless given. */
  readonly pipes?: Partial<PipeOptions>;
}

/** Of pipes: apart from the sessions' ports, and below those that the system hands out. */
const PIPE_PORTS = { first: 18_000, last: 18_999 };

/** The media plane of this process: sessions, and pipes where mediasoup's worker is here. Close it to end both. */
export const createMediaPlane = (options: MediaPlaneOptions): MediaPlane => {
  const { relay = {}, pipes = {}, ...rest } = options;
  const binary = relay.binary ?? findWorker();
  const onFault = (error: TandemError): void => options.onFault?.(error);
  if (!binary) return new RtpMediaPlane({ ...rest, noPipes: `${cachedWorker()} is not there` });
  const { bindAddress } = options;
  const { bindAddress: pipesOn = bindAddress, ports: pipePorts = PIPE_PORTS } = pipes;
  // What leads to one of our addresses from outside leads there whatever it is for.
  const leadsToPipes = pipesOn === bindAddress ? options.advertisedAddress : undefined;
  const workers = new RelayWorkers({
    ...{ binary, count: relay.workers ?? 1 },
    onLost: (error) => plane.lost(error),
  });
  const plane = new RelayingMediaPlane(new RtpMediaPlane({ ...rest, lendsPorts: true }), workers, {
    bindAddress,
    pipes: {
      bindAddress: pipesOn,
      advertisedAddress: pipes.advertisedAddress ?? leadsToPipes,
      ports: pipePorts,
    },
    lookEvery: relay.lookEvery ?? 1000,
    onFault,
  });
  return plane;
};
