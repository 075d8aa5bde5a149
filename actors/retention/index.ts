export { deleteActor } from './delete-actor.ts';
export { pruneJournal } from './prune-journal.ts';
export { schedule } from './schedule.ts';
export { type WalkOptions, walk } from './walk.ts';
