import type { MethodDefinition } from '@grpc/grpc-js';
import { asBuffer, lenient } from '@tandem/actors/link';
import { tandem } from '@tandem/proto/generated/border.js';

const wire = tandem.border.v1;

export type SpeakRequest = tandem.border.v1.SpeakRequest.$Properties;
export type Spoken = tandem.border.v1.Spoken.$Shape;

/** Bounds of a request and its answer, which both sides hold each other to (docs/link-protocol.md). */
export const speakLimits = {
  /** Texts that one region has another say at a time. */
  atOnce: 16,
  /** Texts that wait for that: sentences, of which a leg has one at a time. */
  waiting: { inAll: 4096, perAccount: 1024 },
  /** Bytes of samples of one text: more than seventeen minutes at 8 kHz. */
  bytes: 16 * 1024 * 1024,
  /** Bytes of samples in one message. */
  chunk: 64 * 1024,
  /** Milliseconds until the answer is complete. */
  patience: 90_000,
} as const;

/** `tandem.border.v1.BorderLink.Speak`. */
export const speakMethod: MethodDefinition<SpeakRequest, Spoken> = {
  path: '/tandem.border.v1.BorderLink/Speak',
  requestStream: false,
  responseStream: true,
  requestSerialize: (request) => asBuffer(wire.SpeakRequest.encode(request).finish()),
  requestDeserialize: lenient<SpeakRequest>((bytes) => wire.SpeakRequest.decode(bytes), {}),
  responseSerialize: (message) => asBuffer(wire.Spoken.encode(message).finish()),
  responseDeserialize: lenient<Spoken>((bytes) => wire.Spoken.decode(bytes), {}),
};
