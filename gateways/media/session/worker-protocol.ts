import type { MessagePort } from 'node:worker_threads';
import type { MediaEvents, RemoteMedia } from '../plane/index.ts';
import type { MediaStats, PortRange, Source } from '../rtp/index.ts';
import type { PlayPiece } from './player.ts';
import type { RelayFrame } from './relay-frame.ts';

/** What a worker is started with. */
export interface WorkerOptions {
  readonly bindAddress: string;
  readonly ports: PortRange;
  /** Packets per second that one port takes. */
  readonly packetRate: number;
  /** Whether other processes of ours may take ports over. */
  readonly lendsPorts: boolean;
  /** Whether peers hear silence while there is nothing to say to them. */
  readonly sendsSilence: boolean;
  /** Where pipes end. */
  readonly pipes: { readonly bindAddress: string; readonly ports: PortRange };
}

/** Commands to a worker, in order. Those with a `request` are answered. */
export type WorkerCommand =
  | {
      readonly op: 'allocate';
      readonly request: number;
      readonly id: string;
      readonly silenceLimit: number;
      /** Tried before others. */
      readonly port?: number;
      /** Binds to the loopback address and sends with this SSRC, which others on this machine have to know. */
      readonly loopback?: { readonly ssrc: number };
      /** Makes it the end of a pipe, on a pipe's port, which sends SRTP with this key. */
      readonly pipe?: { readonly srtpKey: Uint8Array };
    }
  | {
      readonly op: 'connect';
      readonly request: number;
      readonly id: string;
      readonly remote: RemoteMedia;
      /** Of a pipe: what its other end sends with. */
      readonly srtpKey?: Uint8Array;
    }
  | { readonly op: 'release'; readonly request: number; readonly id: string }
  | { readonly op: 'stats'; readonly request: number; readonly id: string }
  | { readonly op: 'lendable'; readonly request: number; readonly id: string }
  | { readonly op: 'lend'; readonly request: number; readonly id: string; readonly ssrc: number }
  | { readonly op: 'reclaim'; readonly request: number; readonly id: string }
  | { readonly op: 'close'; readonly request: number }
  | {
      readonly op: 'play';
      readonly id: string;
      readonly playId: string;
      /** Of its pieces, in hertz. */
      readonly sampleRate: number;
    }
  | { readonly op: 'piece'; readonly id: string; readonly playId: string; readonly piece: PlayPiece }
  | { readonly op: 'complete'; readonly id: string; readonly playId: string }
  | { readonly op: 'stop'; readonly id: string; readonly playId: string; readonly failure?: Failure }
  | { readonly op: 'digits'; readonly id: string; readonly digits: string }
  /** `worker` is the partner's when it is another one, to which a `link` was given before. */
  | { readonly op: 'bridge'; readonly id: string; readonly partner: string; readonly worker?: number }
  | { readonly op: 'unbridge'; readonly id: string }
  /** The peer of a lent session was heard. */
  | { readonly op: 'alive'; readonly id: string }
  | { readonly op: 'limit'; readonly id: string; readonly silenceLimit: number }
  | { readonly op: 'link'; readonly worker: number; readonly port: MessagePort };

/** What must be known of a session so that another process can take over what comes in on its port. */
export interface Lendable {
  readonly port: number;
  readonly remote: RemoteMedia;
  /** Where media comes from and goes to. */
  readonly source: Source;
  /** Where RTCP goes to, when that is another port. */
  readonly control?: Source;
  /** The SSRC that the peer sends with. */
  readonly ssrc: number;
}

/** Why a play failed. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** Answers to requests. `failed` has the system's code, `no-ports` and `unknown` are ours. */
export type WorkerAnswer =
  | { readonly kind: 'port'; readonly port: number }
  | { readonly kind: 'stats'; readonly stats: MediaStats }
  | { readonly kind: 'lendable'; readonly lendable?: Lendable }
  | { readonly kind: 'lent'; readonly lent: boolean }
  | { readonly kind: 'done' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'no-ports' }
  | { readonly kind: 'failed'; readonly detail: string };

/** An event of the media plane, as one message. */
export type MediaEvent = {
  [E in keyof MediaEvents]: { readonly event: E; readonly args: MediaEvents[E] };
}[keyof MediaEvents];

/** What a thread tells of its sessions: besides what a leg hears, that a piece of what plays was heard to its end. */
export type WorkerEvent =
  | MediaEvent
  | { readonly event: 'heard'; readonly args: readonly [id: string, playId: string] };

export type WorkerReport = { readonly request: number; readonly answer: WorkerAnswer } | WorkerEvent;

/** A frame for a session in another worker. */
export interface LinkMessage {
  readonly to: string;
  readonly frame: RelayFrame;
}
