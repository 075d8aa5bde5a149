export type {
  CallContext,
  CallEffect,
  CallLeg,
  CallSubject,
  ChoosePath,
  LegCommand,
  Place,
} from './call-context.ts';
export { callKind } from './call-machine.ts';
export { nodeOf, passes } from './media-path.ts';
export { asStored } from './stored-documents.ts';
