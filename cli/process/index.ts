export { checkMediaAddress, readNamedFile } from './check-machine.ts';
export { endWhenBroken } from './end-when-broken.ts';
export { gatewayLinkFiles, linkFiles } from './link-files.ts';
export { logCounters } from './log-counters.ts';
export { pruneCallsHourly, pruneJournalHourly } from './prune-hourly.ts';
export { runUntilStopped } from './run-until-stopped.ts';
export { type Stop, untilStopped } from './until-stopped.ts';
