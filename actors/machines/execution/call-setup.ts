import { setup } from 'xstate';
import type { MachineEvent } from '../../events/index.ts';
import { effectsAreCarriedOutByTheRuntime } from '../transition/index.ts';
import type { CallContext, CallEventType } from './call-context.ts';

/** What the call's machine and the states of its verbs are made with. */
export const callSetup = setup({
  types: { context: {} as CallContext, events: {} as MachineEvent<CallEventType> },
  actions: effectsAreCarriedOutByTheRuntime,
});

/** What a guard is given. */
export type CallGuardArgs<T extends CallEventType = CallEventType> = {
  context: CallContext;
  event: MachineEvent<T>;
};

/** Guard: the event is about the caller's leg. */
export const isCaller = ({ context, event }: CallGuardArgs<'CallLegLeft' | 'CallLegMediaStopped'>): boolean =>
  event.data.legId === context.caller;
