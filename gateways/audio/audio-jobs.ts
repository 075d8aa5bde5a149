import type { ErrorCode } from '@tandem/actors/errors/registry.ts';
import type { SampleRate } from './codec.ts';

/** Work of the audio thread; each gives samples of one channel, at the rate `to`, 8 kHz unless given. */
export type AudioJob =
  | { readonly kind: 'speak'; readonly text: string; readonly voice: string; readonly to?: SampleRate }
  | {
      readonly kind: 'decode';
      readonly bytes: Uint8Array;
      readonly contentType: string;
      readonly to?: SampleRate;
      /** Most samples that may come out. */
      readonly longest: number;
    }
  | {
      readonly kind: 'resample';
      readonly samples: Int16Array;
      readonly sampleRate: number;
      readonly to?: SampleRate;
    };

/** What the thread answers to its one job at a time. */
export type AudioJobResult =
  | { readonly samples: Int16Array }
  /** An error of the registry, or anything else that was thrown. */
  | { readonly code: ErrorCode; readonly params: unknown }
  | { readonly detail: string };
