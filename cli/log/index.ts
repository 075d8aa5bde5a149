export { createLog, type Log } from './log.ts';
export { formatLine } from './log-format.ts';
