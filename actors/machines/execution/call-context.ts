import type {
  Application,
  CallFacts,
  Instruction,
  Messages,
  PathNode,
  PlayItem,
} from '@tandem/proto/generated/events.ts';
import type { EventType } from '../../events/index.ts';
import type { GatewayId } from '../../names/index.ts';
import type { Timed } from '../../runtime/index.ts';
import type { End, Transition } from '../transition/index.ts';
import type { MediaPath } from './media-path.ts';
import type { StoredDocuments } from './stored-documents.ts';

/** What a call takes: from its legs, from its application, and from the API. */
export type CallEventType =
  | 'CallReceived'
  | 'DocumentFetched'
  | 'DocumentFailed'
  | 'CallLegInvited'
  | 'CallLegRinging'
  | 'CallLegAnswered'
  | 'CallLegLeft'
  | 'CallLegMediaStopped'
  | 'CallPlayFinished'
  | 'CallDigitPressed'
  | 'CallLegPlaced'
  | 'CallLegUnplaced'
  | 'CallGatewayLost'
  | 'CallLegAdopterChosen'
  | 'CallLegNotAdopted'
  | 'CallLegMoved'
  | 'MediaPathChosen'
  | 'MediaPathRefused'
  | 'MediaPathReviewRequested'
  | 'CallPipeOpened'
  | 'CallPipeConnected'
  | 'CallPipeLeft'
  | 'CallHangupRequested'
  | 'CallEnded'
  | 'TimerRang'
  | 'ActionFailed'
  | 'OwnerRestarted'
  | 'CallTakenOver';

/** A leg as its call knows it. */
export interface CallLeg extends GatewayId {
  readonly to: string;
  /** While it is `placing`, nobody has it yet: its region and gateway are empty. */
  readonly status: 'placing' | 'requested' | 'ringing' | 'answered' | 'left';
  /** Gateways that would not take it, or are gone with it. */
  readonly tried?: readonly GatewayId[];
  /** Its gateway is gone, and another one is looked for, or was found and is `to` take it. */
  readonly moving?: { readonly to?: GatewayId };
  /** Of what it sends and receives, as far as that is known. */
  readonly codec?: string;
  /** Index of the Dial target that it was placed to. */
  readonly target?: number;
  readonly answeredAt?: number;
  readonly end?: End;
  /** It is called as somebody whose number is none of the account's. */
  readonly foreignCallerId?: boolean;
}

/** An HTTP request for the next document. */
export interface DocumentRequest {
  readonly id: string;
  readonly url: string;
  readonly method: string;
  /** What this request says beyond the call's own parameters. */
  readonly params: Readonly<Record<string, string>>;
  /** Keys of a Gather that follow those in `params`, sealed. */
  readonly sealedDigits?: readonly string[];
  /** The fallback URL is asked once. */
  readonly fallback: boolean;
}

/** Whose call it is: what routing policies look at. */
export interface CallSubject {
  readonly callSid: string;
  readonly accountSid: string;
  readonly from: string;
  readonly to: string;
}

/** What is being played to the caller, and where: at their leg, or at the pipe from a service elsewhere. */
export interface Playing {
  readonly id: string;
  readonly items: readonly PlayItem[];
  readonly loop: number;
  readonly at: string;
}

/** Where the call's media goes. */
export interface CallMedia {
  /** The way in use; absent while the caller's media ends at its own gateway. */
  readonly path?: MediaPath;
  /** Packets do not pass it any more. */
  readonly broken?: boolean;
  /** Policies have changed since legs were placed: even what is next door is asked for. */
  readonly ask?: boolean;
  /** The way that is being made. */
  readonly next?: MediaPath;
  /** What the routing policy has been asked. */
  readonly asked?: ChoosePath;
  /** How often a way was asked for in turn, because the one before could not be made. */
  readonly attempts?: number;
}

/** A Dial under way. */
export interface Dialling {
  /** Legs that may still answer, in the order of their targets. */
  readonly pending: readonly string[];
  /** Index of the next target to try, when they are tried one after the other. */
  readonly nextTarget: number;
  /** Somebody was called, and the caller hears so. */
  readonly asked?: true;
  /** The leg whose early media the caller hears. */
  readonly early?: string;
  /** The leg that answered. */
  readonly talkingTo?: string;
  readonly last?: { readonly legId: string; readonly end: End };
}

export interface CallContext extends Timed {
  /** The router that has the call, `us1/r1`, and how often it was taken over. */
  readonly router: string;
  readonly takeovers: number;
  readonly callSid: string;
  readonly accountSid: string;
  readonly from: string;
  readonly to: string;
  /** What the caller's INVITE says. */
  readonly facts: CallFacts;
  /** Nothing rings before a callee was called; calls that began with an earlier release ring at once. */
  readonly ringsWhenAsked?: boolean;
  readonly application?: Application;
  /** The caller's leg. */
  readonly caller: string;
  readonly legs: Readonly<Record<string, CallLeg>>;
  readonly startedAt: number;
  readonly answeredAt?: number;
  /** The caller was sent early media, and hears us since, although the call is not answered yet. */
  readonly earlySession?: boolean;
  /** The document that is being carried out, and the index of its next instruction. */
  readonly document: string;
  readonly instructions: readonly Instruction[];
  readonly next: number;
  readonly request?: DocumentRequest;
  /** What need not be stored again of documents, and how much is; absent in calls of earlier releases. */
  readonly stored?: StoredDocuments;
  /** What the application's answers had us keep for its next requests, sealed. */
  readonly session?: string;
  /** Documents asked for in the running minute, and when that began. */
  readonly asked: { readonly since: number; readonly count: number };
  readonly playing?: Playing;
  /** What was played last, and where: it may have to be stopped again. */
  readonly lastPlay?: Pick<Playing, 'id' | 'at'>;
  readonly media: CallMedia;
  /** Gather: the index of its next prompt, and the keys so far. */
  readonly prompt: number;
  readonly digits: string;
  /** Keys after those, sealed for the application. */
  readonly sealedDigits?: readonly string[];
  /** The caller's keys are sealed where they are heard, but for these. */
  readonly sealing?: string;
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
  /** Names what must not happen twice, however often it is asked for. */
  readonly once?: string;
};

/** Asks the routing policy for a way for media, from a leg to another or to a service: `MediaPathChosen` or `MediaPathRefused`. */
export interface ChoosePath {
  readonly type: 'choosePath';
  readonly pathId: string;
  readonly call: CallSubject;
  readonly from: string;
  readonly to?: string;
  readonly legs: readonly (GatewayId & {
    readonly legId: string;
    readonly codec?: string;
    /** Whom a dialled leg called. */
    readonly endpoint?: string;
  })[];
  /** What is wanted at the end of the way; empty between two legs. */
  readonly services: readonly string[];
  readonly reason: string;
  /** How often it was asked in turn; from 1. */
  readonly attempt: number;
  /** The way in use. */
  readonly current?: readonly PathNode[];
}

/** What a call asks its router to do. */
export type CallEffect =
  | LegCommand
  | ChoosePath
  /** Ask the routing policy who takes a leg: `CallLegPlaced`, or `CallLegLeft` when nobody does. */
  | {
      readonly type: 'placeLeg';
      readonly legId: string;
      readonly call: CallSubject;
      readonly from: string;
      readonly to: string;
      /** Where the other leg is. */
      readonly near: GatewayId;
      readonly codec?: string;
      readonly tried: readonly GatewayId[];
    }
  /** Ask the routing policy who takes a leg whose gateway is gone: `CallLegAdopterChosen` or `CallLegNotAdopted`. */
  | {
      readonly type: 'findAdopter';
      readonly legId: string;
      readonly call: CallSubject;
      readonly from: GatewayId;
      readonly tried: readonly GatewayId[];
      /** Where the call's other legs are. */
      readonly near: readonly GatewayId[];
    }
  /** Have it taken: `CallLegMoved` comes from there, or `CallLegNotAdopted` says why not. */
  | {
      readonly type: 'moveLeg';
      readonly callSid: string;
      readonly legId: string;
      readonly from: GatewayId;
      readonly to: GatewayId;
    }
  /** What was being played cannot be: say `CallPlayFinished`. */
  | {
      readonly type: 'failPlay';
      readonly legId: string;
      readonly playId: string;
      readonly code: string;
      readonly message: string;
    }
  | {
      readonly type: 'fetch';
      readonly accountSid: string;
      readonly request: DocumentRequest;
      /** The call's own parameters. */
      readonly params: Readonly<Record<string, string>>;
      /** What the answers before had us keep. */
      readonly session?: string;
    }
  /** Nothing is left to do: say `CallEnded`. */
  | {
      readonly type: 'conclude';
      readonly reason: string;
      readonly detail?: string;
      readonly duration: number;
    };

export type CallTransition<T extends CallEventType> = Transition<CallContext, CallEffect, T>;

/** What a part of a decision changes and asks for. */
export type Changes = { readonly context: Partial<CallContext>; readonly effects: CallEffect[] };

/** A decision that is the same whatever the event was. */
export type CallStep = CallTransition<CallEventType>;

export const initialCall: CallContext = {
  router: '',
  takeovers: 0,
  callSid: '',
  accountSid: '',
  from: '',
  to: '',
  facts: {},
  caller: '',
  legs: {},
  startedAt: 0,
  document: '',
  instructions: [],
  next: 0,
  asked: { since: 0, count: 0 },
  prompt: 0,
  digits: '',
  media: {},
  timers: {},
};

export const subjectOf = ({ callSid, accountSid, from, to }: CallContext): CallSubject => ({
  callSid,
  accountSid,
  from,
  to,
});

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

/** A command to a leg or a pipe of the call, where it is. */
export const commandTo = <T extends EventType>(
  { region, gateway }: GatewayId,
  legId: string,
  type: T,
  data: Messages[T],
): CallEffect => ({
  type: 'command',
  region,
  gateway,
  legId,
  message: { type, data } as LegCommand['message'],
});

/** A command to a leg of the call. */
export const command = <T extends EventType>(
  context: Pick<CallContext, 'legs'>,
  legId: string,
  type: T,
  data: Messages[T],
): CallEffect => commandTo(context.legs[legId]!, legId, type, data);

export const isAnswered = (context: CallContext): boolean => context.answeredAt !== undefined;
