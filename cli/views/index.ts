export { callHeader } from './call-header.ts';
export { callTable } from './call-table.ts';
export { gatewayTable } from './gateway-table.ts';
export { momentLines, replayLines } from './replay-view.ts';
export { clip, createStyle, type Look, lookOf, oneLine, sayDate } from './terminal.ts';
export { timelineLines } from './timeline.ts';
