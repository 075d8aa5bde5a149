import type { Application, Instruction, Messages } from '@tandem/proto/generated/events.ts';
import type { EventType } from '../../events/event-schema.ts';
import type { Timed } from '../../runtime/behaviour.ts';
import type { Decide } from '../decision.ts';
import type { End } from '../end-reason.ts';

/** What a call takes: from its legs, from its application, and from the API. */
export type CallEventType =
  | 'CallReceived'
  | 'DocumentFetched'
  | 'DocumentFailed'
  | 'CallLegRinging'
  | 'CallLegAnswered'
  | 'CallLegLeft'
  | 'CallLegMediaStopped'
  | 'CallPlayFinished'
  | 'CallDigitPressed'
  | 'CallHangupRequested'
  | 'CallEnded'
  | 'TimerRang'
  | 'ActionFailed'
  | 'OwnerRestarted';

/** A leg as its call knows it. */
export interface CallLeg {
  readonly region: string;
  readonly gateway: string;
  readonly to: string;
  readonly status: 'requested' | 'ringing' | 'answered' | 'left';
  /** Index of the Dial target that it was placed to. */
  readonly target?: number;
  readonly answeredAt?: number;
  readonly end?: End;
}

/** An HTTP request for the next document. */
export interface DocumentRequest {
  readonly id: string;
  readonly url: string;
  readonly method: string;
  /** What this request says beyond the call's own parameters. */
  readonly params: Readonly<Record<string, string>>;
  /** The fallback URL is asked once. */
  readonly fallback: boolean;
}

/** A Dial under way. */
export interface Dialling {
  /** Legs that may still answer, in the order of their targets. */
  readonly pending: readonly string[];
  /** Index of the next target to try, when they are tried one after the other. */
  readonly nextTarget: number;
  /** The leg whose early media the caller hears. */
  readonly early?: string;
  /** The leg that answered. */
  readonly talkingTo?: string;
  readonly last?: { readonly legId: string; readonly end: End };
}

export interface CallContext extends Timed {
  readonly callSid: string;
  readonly accountSid: string;
  readonly from: string;
  readonly to: string;
  readonly callerName?: string;
  readonly application?: Application;
  /** The caller's leg. */
  readonly caller: string;
  readonly legs: Readonly<Record<string, CallLeg>>;
  readonly startedAt: number;
  readonly answeredAt?: number;
  /** The document that is being carried out, and the index of its next instruction. */
  readonly document: string;
  readonly instructions: readonly Instruction[];
  readonly next: number;
  readonly request?: DocumentRequest;
  /** Documents asked for in the running minute, and when that began. */
  readonly asked: { readonly since: number; readonly count: number };
  readonly playing?: string;
  /** Gather: the index of its next prompt, and the keys so far. */
  readonly prompt: number;
  readonly digits: string;
  readonly dial?: Dialling;
  readonly end?: End;
  readonly lastFailure?: { readonly code: string; readonly message: string };
}

/** A message for a leg, to be carried to the gateway that owns it. */
export type LegCommand<T extends EventType = EventType> = {
  readonly type: 'command';
  readonly region: string;
  readonly gateway: string;
  readonly legId: string;
  readonly message: { readonly type: T; readonly data: Messages[T] };
};

/** What a call asks its router to do. */
export type CallEffect =
  | LegCommand
  | {
      readonly type: 'fetch';
      readonly accountSid: string;
      readonly request: DocumentRequest;
      /** The call's own parameters. */
      readonly params: Readonly<Record<string, string>>;
    }
  /** Nothing is left to do: say `CallEnded`. */
  | {
      readonly type: 'conclude';
      readonly reason: string;
      readonly detail?: string;
      readonly duration: number;
    };

export type CallDecide<T extends CallEventType> = Decide<CallContext, CallEffect, T>;

/** A decision that is the same whatever the event was. */
export type CallStep = CallDecide<CallEventType>;

export const initialCall: CallContext = {
  callSid: '',
  accountSid: '',
  from: '',
  to: '',
  caller: '',
  legs: {},
  startedAt: 0,
  document: '',
  instructions: [],
  next: 0,
  asked: { since: 0, count: 0 },
  prompt: 0,
  digits: '',
  timers: {},
};

/** The instruction that is being carried out. */
export const currentInstruction = ({ instructions, next }: CallContext): Instruction | undefined =>
  instructions[next - 1];

/** The current instruction, of one verb. Only to be asked for in that verb's states. */
export function current<V extends string>(
  context: CallContext,
  verb: V,
): Extract<Instruction, Record<V, unknown>>[V & keyof Extract<Instruction, Record<V, unknown>>] {
  return (currentInstruction(context) as never)[verb];
}

export const changeLeg = (
  context: CallContext,
  legId: string,
  changes: Partial<CallLeg>,
): CallContext['legs'] => ({ ...context.legs, [legId]: { ...context.legs[legId]!, ...changes } });

export const isHere = (context: CallContext, legId: string): boolean => {
  const leg = context.legs[legId];
  return leg !== undefined && leg.status !== 'left';
};

/** A command to a leg of the call. */
export const command = <T extends EventType>(
  context: Pick<CallContext, 'legs'>,
  legId: string,
  type: T,
  data: Messages[T],
): CallEffect => {
  const { region, gateway } = context.legs[legId]!;
  return { type: 'command', region, gateway, legId, message: { type, data } as LegCommand['message'] };
};

export const isAnswered = (context: CallContext): boolean => context.answeredAt !== undefined;
