export {
  type CallHistory,
  type HistoryStep,
  type Moment,
  momentOf,
  type Participant,
  pipeAskedFor,
  pipeName,
  readCallHistory,
  replayCall,
} from './call-history.ts';
export { CallStreams } from './call-streams.ts';
export { hideKeys, namesToHide } from './hide-keys.ts';
export { describeEffect, describeEvent, type Names, stateChange } from './narration/index.ts';
