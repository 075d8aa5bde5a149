export { callHeader } from './call-header.ts';
export { callTable } from './call-table.ts';
export { gatewayTable } from './gateway-table.ts';
export { changedLines, contextLines } from './state-view.ts';
export { clip, createStyle, formatDate, type Look, lookOf, oneLine } from './terminal.ts';
export { NOT_TAKEN, namesOf, timelineLines } from './timeline.ts';
