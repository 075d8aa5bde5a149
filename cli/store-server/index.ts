export { runStore } from './run-store.ts';
