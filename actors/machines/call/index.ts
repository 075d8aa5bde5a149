export { callKind } from './call-machine.ts';
