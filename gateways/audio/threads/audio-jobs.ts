import type { ErrorCode } from '@tandem/actors/errors';
import type { SampleRate } from '../codecs/index.ts';

/** A file that is decoded slice by slice, in the thread that began it. */
export interface DecodeJob {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** In hertz, 8000 unless given. */
  readonly to?: SampleRate;
  /** Most samples that may come out. */
  readonly longest: number;
}

/**
 * Work of an audio thread, none of which takes it for long: a piece of a text is spoken, a slice of a file decoded. Each
 * gives samples of one channel, at the rate `to`, 8 kHz unless given.
 */
export type AudioJob =
  | { readonly kind: 'speak'; readonly text: string; readonly voice: string; readonly to?: SampleRate }
  | {
      readonly kind: 'resample';
      readonly samples: Int16Array;
      readonly sampleRate: number;
      readonly to?: SampleRate;
    }
  /** Gives a file's first slice; the id names the decoder from then on. */
  | ({ readonly kind: 'decode'; readonly id: number } & DecodeJob)
  | { readonly kind: 'decode-on'; readonly id: number };

/** What a thread is told; it answers jobs in turn. */
export type AudioCommand = AudioJob | { readonly kind: 'forget'; readonly id: number };

/** What the thread answers to its one job at a time. */
export type AudioJobResult =
  | { readonly samples: Int16Array /** Of a decoder: that there is no more. */; readonly ended: boolean }
  /** An error of the registry, or anything else that was thrown. */
  | { readonly code: ErrorCode; readonly params: unknown }
  | { readonly detail: string };
