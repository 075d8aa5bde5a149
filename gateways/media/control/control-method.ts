import type { MethodDefinition } from '@grpc/grpc-js';
import { asBuffer, lenient } from '@tandem/actors/link';
import { tandem } from '@tandem/proto/generated/media.js';

const wire = tandem.media.v1;

export type FromSignalling = tandem.media.v1.FromSignalling.$Properties;
export type FromMedia = tandem.media.v1.FromMedia.$Properties;
export type ControlHello = tandem.media.v1.ControlHello.$Properties;
export type ControlWelcome = tandem.media.v1.ControlWelcome.$Properties;
export type OperationMessage = tandem.media.v1.Operation.$Properties;
export type AnswerMessage = tandem.media.v1.Answer.$Properties;
export type EventMessage = tandem.media.v1.MediaEvent.$Properties;

/** Version of the protocol that this release speaks. */
export const CONTROL_PROTOCOL = 1;

/** `tandem.media.v1.MediaControl.Connect`. */
export const controlMethod: MethodDefinition<FromSignalling, FromMedia> = {
  path: '/tandem.media.v1.MediaControl/Connect',
  requestStream: true,
  responseStream: true,
  requestSerialize: (message) => asBuffer(wire.FromSignalling.encode(message).finish()),
  requestDeserialize: lenient<FromSignalling>((bytes) => wire.FromSignalling.decode(bytes), {}),
  responseSerialize: (message) => asBuffer(wire.FromMedia.encode(message).finish()),
  responseDeserialize: lenient<FromMedia>((bytes) => wire.FromMedia.decode(bytes), {}),
};

/** Bounds of one connection between the two parts of a gateway. */
export const controlLimits = {
  /** Operations without an answer. */
  operations: 10_000,
  /** Answers that are kept for a signalling part that has not had them, and events for one that is away. */
  kept: 10_000,
  /** Milliseconds between two pings. */
  pingInterval: 2000,
  /** Milliseconds that an operation waits for its answer. */
  patience: 10_000,
  /** Milliseconds for which sessions are kept for a signalling part that is away. */
  grace: 60_000,
} as const;
