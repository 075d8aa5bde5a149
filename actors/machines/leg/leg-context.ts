import type { CallFacts, Dialog, PlayItem, PlayRequested, Route } from '@tandem/proto/generated/events.ts';
import type { Timed } from '../../runtime/index.ts';
import type { End, Transition } from '../transition/index.ts';

/** What a leg takes: from its peer and its media by way of its gateway, and from its call's router. */
export type LegEventType =
  | 'LegOffered'
  | 'LegRequested'
  | 'MediaAllocated'
  | 'MediaRefused'
  | 'RingRequested'
  | 'AnswerRequested'
  | 'AnswerConfirmed'
  | 'InviteSent'
  | 'ProgressReceived'
  | 'AnswerReceived'
  | 'RefusalReceived'
  | 'SessionChanged'
  | 'SessionOffered'
  | 'SessionRefreshed'
  | 'HangupRequested'
  | 'ByeReceived'
  | 'CancelReceived'
  | 'DialogFailed'
  | 'LegEnded'
  | 'MediaStopped'
  | 'MediaLatched'
  | 'MediaContested'
  | 'PlayRequested'
  | 'PlayStopRequested'
  | 'PlayFinished'
  | 'DigitReceived'
  | 'KeySealingRequested'
  | 'DigitsRequested'
  | 'BridgeRequested'
  | 'UnbridgeRequested'
  | 'ActionFailed'
  | 'TimerRang'
  | 'OwnerRestarted'
  | 'LegAdopted'
  | 'LegTaken';

/** How keys are sealed before they become events. */
export interface KeySealing {
  /** X25519, base64url. */
  readonly keys: readonly string[];
  /** Keys that are not: they say that a Gather is over. */
  readonly except: string;
}

export interface LegContext extends Timed {
  readonly legId: string;
  readonly callSid: string;
  readonly direction: 'inbound' | 'outbound';
  readonly region: string;
  readonly gateway: string;
  readonly from: string;
  readonly to: string;
  /** Inbound: what the INVITE says; outbound: what ours is to say. */
  readonly facts: CallFacts;
  /** Inbound: the trunk that it came over. */
  readonly trunk?: string;
  /** Outbound: where it may be tried, and which of these is being tried. */
  readonly routes: readonly Route[];
  readonly route: number;
  /** Outbound: how long the endpoint may ring, in milliseconds. */
  readonly timeout: number;
  /** Outbound: the gateway runs the call itself; no document of an application's asked for it. */
  readonly isStatic?: true;
  readonly dialog?: Dialog;
  /** Inbound: the Via fields of the INVITE. */
  readonly via?: string;
  /** Outbound: the INVITE that is on its way. */
  readonly invite?: { readonly dialog: Dialog; readonly via: string };
  readonly media?: { readonly id: string; readonly address: string; readonly port: number };
  /** The newest offer and answer, and who offered. */
  readonly session: { readonly offerer: 'us' | 'peer'; readonly offer?: string; readonly answer?: string };
  /** Outbound: our offer in the INVITE, once the peer has made one of its own before it answered. */
  readonly invited?: string;
  /** Our offer that the peer asked for within the dialog, until its ACK brings the answer. */
  readonly offering?: string;
  /** After a restart, until the peer has shown that it is still there. */
  readonly resuming: boolean;
  /** Our description on other ports than the peer knows of, after a restart. */
  readonly movedTo?: string;
  /** Where packets really come from, once that is known. */
  readonly source?: { readonly address: string; readonly port: number; readonly codec: string };
  /** Who else sends to its port, and is not heard. */
  readonly rival?: { readonly address: string; readonly port: number };
  /** The router asked for an answer before there were ports to answer with. */
  readonly answerWanted: boolean;
  /** What the router is told when it asks us to ring before there were ports. */
  readonly ringWanted?: { readonly earlyMedia: boolean };
  /** Our direction is one in which nothing is heard from the peer. */
  readonly held: boolean;
  /** Keys pressed so far. */
  readonly digits: number;
  /** To whom keys are sealed as they are pressed, all but `except`; they are not when absent. */
  readonly sealing?: KeySealing;
  /** When the last packet came, once they stopped coming. */
  readonly silentSince?: number;
  /** What is to be played, and which keys are to be sent, as soon as there are ports. */
  readonly playWanted?: PlayRequested;
  readonly digitsWanted?: string;
  readonly playing?: PlayRequested;
  /** What plays is to stop. */
  readonly stopping: boolean;
  /** The leg that it is bridged to, or will be as soon as there are ports. */
  readonly bridgedTo?: string;
  /** Whether the keys that its endpoint presses are wanted while it is bridged. */
  readonly bridgeHears: boolean;
  readonly answeredAt?: number;
  readonly end?: End;
  /** How its dialog is being ended. */
  readonly wayOut?: 'nothing' | 'reject' | 'cancel' | 'bye';
  readonly lastFailure?: { readonly action: string; readonly code: string; readonly message: string };
}

/** What a leg asks its gateway to do. */
export type LegEffect =
  /** Get ports, and an SDP that offers them or answers the peer's offer: `MediaAllocated` or `MediaRefused`. */
  | {
      readonly type: 'allocate';
      readonly offer?: string;
      /** What our offer names first. */
      readonly codecs?: readonly string[];
    }
  /** Make the session that was agreed the one that the media follows. `trunk` is the leg's; '' for a SIP URI. */
  | {
      readonly type: 'connect';
      readonly offerer: 'us' | 'peer';
      readonly offer: string;
      readonly answer: string;
      readonly trunk?: string;
    }
  /** `sdp`: early media's, an answer. `offer`: ours, for a peer that made none and takes reliable responses. */
  | { readonly type: 'ring'; readonly sdp?: string; readonly offer?: string }
  | { readonly type: 'answer'; readonly sdp: string }
  | {
      readonly type: 'invite';
      readonly index: number;
      readonly route: Route;
      readonly from: string;
      readonly facts: CallFacts;
      readonly sdp: string;
      readonly timeout: number;
      readonly callSid: string;
      readonly action: 'dial' | 'static';
    }
  /** Give the route of this index up, if nothing at all was heard on it: `DialogFailed`. */
  | { readonly type: 'abandon'; readonly index: number }
  /** Answer the peer's offer, or make the offer that it asked for. */
  | { readonly type: 'acceptOffer'; readonly answer: string }
  /**
   * Take a dialog up that another process had, and get ports for it: those that it had, when they are free. Then
   * `MediaAllocated` or `MediaRefused`. `local` and `remote` are the descriptions that hold; `trunk` is the one of an
   * outbound leg; `weOffered` says that the peer's is an answer to ours; `unacknowledged` has the Via fields of the INVITE whose answer the peer may not have acknowledged.
   */
  | {
      readonly type: 'resume';
      readonly dialog: Dialog;
      readonly outbound: boolean;
      readonly trunk?: string;
      readonly local: string;
      readonly remote?: string;
      readonly weOffered: boolean;
      readonly port: number;
      readonly unacknowledged?: string;
    }
  /** Find out whether the peer is there, and have it send to our ports when they have `moved`: `SessionRefreshed`. */
  | { readonly type: 'refresh'; readonly sdp: string; readonly moved: boolean }
  | {
      readonly type: 'play';
      readonly playId: string;
      readonly items: readonly PlayItem[];
      readonly loop: number;
      readonly accountSid?: string;
    }
  | { readonly type: 'stopPlay'; readonly playId: string }
  | { readonly type: 'sendDigits'; readonly digits: string }
  /** Seal the keys that are pressed from now on; or none, without `sealing`. */
  | { readonly type: 'sealKeys'; readonly sealing?: KeySealing }
  | { readonly type: 'bridge'; readonly peer: string; readonly hears: boolean }
  | { readonly type: 'unbridge' }
  /** Have the partner hear a key that came by signalling, as its own end of the call takes keys. */
  | { readonly type: 'passKey'; readonly to: string; readonly digit: string }
  /**
   * End the dialog in the way that its state asks for, give everything back, and say `LegEnded`. `nothing` says nothing
   * to the peer.
   */
  | {
      readonly type: 'finish';
      readonly how: NonNullable<LegContext['wayOut']>;
      readonly end: End;
      readonly dialog?: Dialog;
      readonly via?: string;
      readonly invite?: LegContext['invite'];
      readonly trunk?: string;
    };

export type LegTransition<T extends LegEventType> = Transition<LegContext, LegEffect, T>;

export const initialLeg: LegContext = {
  legId: '',
  callSid: '',
  direction: 'inbound',
  region: '',
  gateway: '',
  from: '',
  to: '',
  facts: {},
  routes: [],
  route: 0,
  timeout: 0,
  session: { offerer: 'peer' },
  answerWanted: false,
  digits: 0,
  held: false,
  resuming: false,
  stopping: false,
  bridgeHears: true,
  timers: {},
};
