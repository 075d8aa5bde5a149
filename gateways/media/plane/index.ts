export { clockOfEvent, eventClock } from './event-clock.ts';
export type {
  AgreedFormat,
  AllocateRequest,
  Allocation,
  BridgeOptions,
  MediaEvents,
  MediaPlane,
  PipeEnd,
  PipeOptions,
  PipeRequest,
  PlayRequest,
  RemoteMedia,
} from './media-plane.ts';
export { isSameEnd, keyOfEnd, PIPE_KEY_LENGTH } from './pipe-end.ts';
export { type Format, isSameFormat, pipeFormat } from './pipe-format.ts';
