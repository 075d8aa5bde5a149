import { once } from 'node:events';
import { type PhoneCall, type PhoneCallEvents, type PhoneRings, SipPhone } from '@tandem/phones';
import type { Listener } from './sound.ts';

/** One end of a call at a telephone of our own: it hears, speaks, and knows how its call ended. */
export class PhonePeer implements Listener {
  readonly call: PhoneCall;
  /** Resolves when the call is over. */
  readonly ended: Promise<PhoneCallEvents['ended'][0]>;

  constructor(call: PhoneCall) {
    this.call = call;
    this.ended = new Promise((resolve) => call.once('ended', resolve));
  }

  get audio() {
    return this.call.audio;
  }

  get closed(): boolean {
    return this.call.over;
  }
}

/** A telephone on loopback whose network is the region under test. */
export const openPhone = (number: string, port = 0): Promise<SipPhone> =>
  SipPhone.open({ number, address: '127.0.0.1', port, peers: ['127.0.0.1'] });

/** Calls, and resolves when the other side has answered. */
export async function callFrom(phone: SipPhone, uri: string): Promise<PhonePeer> {
  const peer = new PhonePeer(await phone.call(uri));
  await once(peer.call, 'answered');
  return peer;
}

/** Resolves when a telephone rings; it is left ringing. */
export async function rings(phone: SipPhone): Promise<PhoneRings> {
  const [ringing] = (await once(phone, 'rings')) as [PhoneRings];
  ringing.ring();
  return ringing;
}

/** Resolves when a telephone has rung and has been picked up. */
export async function picksUp(phone: SipPhone): Promise<PhonePeer> {
  const ringing = await rings(phone);
  ringing.answer();
  return new PhonePeer(ringing.call);
}
