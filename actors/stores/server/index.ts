export { eventStoreLog } from './event-store-log.ts';
export { startStoreServer } from './store-server.ts';
