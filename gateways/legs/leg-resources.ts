import { randomInt } from 'node:crypto';
import type { KeySealing } from '@tandem/actors/machines/leg';
import type { CodecName } from '../audio/codecs/index.ts';
import type { Allocation, RemoteMedia } from '../media/index.ts';
import { originOf } from '../sdp/index.ts';
import type { ClientSession, DialogSession, ServerSession } from '../sip/index.ts';

/** Our side of a leg's session description. */
export interface OurMedia {
  readonly address: string;
  readonly port: number;
  /** Identifies the session in its o= line (RFC 4566, section 5.2). */
  readonly sessionId: string;
  /** Grows with each description that we send. */
  readonly version: number;
  /** What may be used, the most wanted first; all that we have unless given. */
  readonly codecs?: readonly CodecName[];
}

/** What a leg holds of this process: its SIP session and its media session. */
export interface LegResources {
  session?: DialogSession;
  /** The same, of an inbound leg whose INVITE came to this process. */
  server?: ServerSession;
  /** The same, of an outbound leg whose INVITE this process sent. */
  client?: ClientSession;
  /** The host that the peer signals from, or that was invited: an address, or a name. */
  host?: string;
  /** Index of the route that the session is on, of an outbound leg. */
  route?: number;
  ours?: OurMedia;
  /** How keys are sealed before anything is told of them. */
  sealing?: KeySealing & { readonly callSid: string };
  /** Our offer, as long as it is not answered. */
  offer?: string;
  /** The peer's newest offer, and what was agreed on by it. */
  changed?: { readonly offer: string; readonly remote: RemoteMedia };
}

/** The resources of the legs that are here. */
export class LegTable {
  readonly #legs = new Map<string, LegResources>();
  readonly #onSize: (size: number) => void;
  readonly #onGone: (legId: string) => void;
  #emptied = Promise.withResolvers<void>();

  /** `onSize` hears how many are here when that changes, `onGone` which is here no more. */
  constructor(onSize: (size: number) => void = () => {}, onGone: (legId: string) => void = () => {}) {
    this.#onSize = onSize;
    this.#onGone = onGone;
  }

  get(legId: string): LegResources {
    let resources = this.#legs.get(legId);
    if (!resources) {
      resources = {};
      this.#legs.set(legId, resources);
      this.#onSize(this.#legs.size);
    }
    return resources;
  }

  delete(legId: string): void {
    if (this.#legs.delete(legId)) {
      this.#onGone(legId);
      this.#onSize(this.#legs.size);
    }
    if (this.#legs.size > 0) return;
    this.#emptied.resolve();
    this.#emptied = Promise.withResolvers();
  }

  has(legId: string): boolean {
    return this.#legs.has(legId);
  }

  ids(): string[] {
    return [...this.#legs.keys()];
  }

  /** Resolves when no leg is here. */
  async empty(): Promise<void> {
    while (this.#legs.size > 0) await this.#emptied.promise;
  }

  get size(): number {
    return this.#legs.size;
  }
}

/** The first description of a leg on its ports. */
export const firstDescription = ({ address, port }: Allocation): OurMedia => ({
  address,
  port,
  sessionId: String(randomInt(2 ** 47)),
  version: 1,
});

/** Our side as a description of ours says it. @throws media.bad-sdp */
export const asDescribed = (ourSdp: string, { address, port }: Allocation): OurMedia => ({
  address,
  port,
  ...originOf(ourSdp),
});

export const nextDescription = (ours: OurMedia): OurMedia => ({ ...ours, version: ours.version + 1 });
