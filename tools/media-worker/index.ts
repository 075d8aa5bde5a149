export { findWorker } from './worker-binary.ts';
