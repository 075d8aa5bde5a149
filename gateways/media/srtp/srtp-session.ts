import { isRtcp } from '../rtp/index.ts';
import { sessionKeys } from './key-derivation.ts';
import { SrtpReceiver } from './srtp-receiver.ts';
import { SrtpSender } from './srtp-sender.ts';

/** SRTP on one port, which RTCP shares (RFC 5761). Each direction has a key of its own. */
export class SrtpSession {
  readonly #sender: SrtpSender;
  #receiver: SrtpReceiver | undefined;

  /** @param ownKey of what is sent; 44 bytes, here and below */
  constructor(ownKey: Uint8Array) {
    this.#sender = new SrtpSender(sessionKeys(ownKey));
  }

  /** Sets the key of what comes. Until then nothing can be read. */
  connect(remoteKey: Uint8Array): void {
    this.#receiver = new SrtpReceiver(sessionKeys(remoteKey));
  }

  /** @param packet RTP or RTCP. @returns undefined for one that must not be sent (see `SrtpSender`) */
  protect(packet: Uint8Array): Uint8Array | undefined {
    return isRtcp(packet) ? this.#sender.protectControl(packet) : this.#sender.protect(packet);
  }

  /** @returns RTP or RTCP; undefined for what the other end did not send now */
  open(packet: Uint8Array): Uint8Array | undefined {
    return isRtcp(packet) ? this.#receiver?.openControl(packet) : this.#receiver?.open(packet);
  }
}
