export { ActorSystem } from './actor-system.ts';
export {
  DELETED,
  type Effect,
  type Fence,
  initialSnapshot,
  isOver,
  type Kind,
  serializeState,
  stateName,
  step,
  type Timed,
} from './behaviour.ts';
export { type EffectHandlers, type EffectScope, told } from './effects.ts';
export { Limited } from './limited.ts';
export type { Message, Outcome } from './message.ts';
export { asMachineEvent, type ReplayedStep, rebuild, replay } from './rebuild.ts';
export { snapshotStream } from './snapshots.ts';
