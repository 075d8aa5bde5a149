export { openStoreToRead } from './open-store-to-read.ts';
export { archivedCalls, findHistory, listedCall, listedCalls, recentSids } from './recent-calls.ts';
