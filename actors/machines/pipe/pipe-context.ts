import type { PipeEnd, PlayRequested } from '@tandem/proto/generated/events.ts';
import type { Timed } from '../../runtime/index.ts';
import type { LegEffect } from '../leg/index.ts';
import type { End, Transition } from '../transition/index.ts';

/** What an end of a pipe takes: from its gateway, and from its call's router. */
export type PipeEventType =
  | 'PipeRequested'
  | 'PipeOpened'
  | 'PipeRefused'
  | 'PipeConnectRequested'
  | 'PipeConnected'
  | 'PipeEndRequested'
  | 'PipeEnded'
  | 'MediaStopped'
  | 'MediaLatched'
  | 'MediaContested'
  | 'PlayRequested'
  | 'PlayStopRequested'
  | 'PlayFinished'
  | 'DigitReceived'
  | 'DigitsRequested'
  | 'BridgeRequested'
  | 'UnbridgeRequested'
  | 'ActionFailed'
  | 'OwnerRestarted';

export interface PipeContext extends Timed {
  readonly pipeId: string;
  readonly callSid: string;
  readonly region: string;
  readonly gateway: string;
  /** Of what is sent and received on it. */
  readonly codec: string;
  /** The region of the other end. */
  readonly towards: string;
  /** Where this end receives, and where the other does. */
  readonly ours?: PipeEnd;
  readonly peer?: PipeEnd;
  readonly end?: End;
  readonly lastFailure?: { readonly action: string; readonly code: string; readonly message: string };
  // The media's, as a leg's.
  readonly digits: number;
  readonly silentSince?: number;
  readonly playWanted?: PlayRequested;
  readonly digitsWanted?: string;
  readonly playing?: PlayRequested;
  readonly bridgedTo?: string;
  readonly bridgeHears: boolean;
}

/** What an end of a pipe asks its gateway to do. */
export type PipeEffect =
  /** Get a port and a key, sealed to who may have the other end: `PipeOpened` or `PipeRefused`. */
  | {
      readonly type: 'open';
      readonly codec: string;
      readonly towards: string;
      readonly sealTo?: readonly string[];
    }
  /** Exchange media with the other end from now on: `PipeConnected` or `PipeRefused`. */
  | { readonly type: 'connect'; readonly peer: PipeEnd; readonly towards: string }
  /** Give everything back, and say `PipeEnded`. */
  | { readonly type: 'close'; readonly end: End }
  | Extract<LegEffect, { type: 'play' | 'stopPlay' | 'sendDigits' | 'bridge' | 'unbridge' }>;

export type PipeTransition<T extends PipeEventType> = Transition<PipeContext, PipeEffect, T>;

export const initialPipe: PipeContext = {
  pipeId: '',
  callSid: '',
  region: '',
  gateway: '',
  codec: '',
  towards: '',
  digits: 0,
  bridgeHears: false,
  timers: {},
};
