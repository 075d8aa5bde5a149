export { isRecoded, recode } from './g711-codec.ts';
export { MediaSession, type SessionSurroundings } from './media-session.ts';
export { Pacer } from './pacer.ts';
export type { PlayPiece } from './player.ts';
export type { RelayFrame, RelayTarget } from './relay-frame.ts';
export { shared } from './shared-samples.ts';
export { Transcoder } from './transcoder.ts';
export type {
  Lendable,
  LinkMessage,
  WorkerAnswer,
  WorkerCommand,
  WorkerEvent,
  WorkerOptions,
  WorkerReport,
} from './worker-protocol.ts';
