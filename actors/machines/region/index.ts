export { regionKind } from './region-machine.ts';
