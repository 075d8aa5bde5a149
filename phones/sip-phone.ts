import { EventEmitter } from 'node:events';
import type { SecureContextOptions } from 'node:tls';
import { TandemError } from '@tandem/actors/errors';
import { firstDescription, nextDescription, type OurMedia } from '@tandem/gateways/legs';
import type { RemoteMedia } from '@tandem/gateways/media';
import { answerOffer, makeOffer, readAnswer } from '@tandem/gateways/sdp';
import type { DialogSession, IncomingInvite, TransportName, UserAgent } from '@tandem/gateways/sip';
import { createUserAgent, openTransportLayer } from '@tandem/gateways/sip';
import { RtpEndpoint } from './rtp-endpoint.ts';

export interface SipPhoneOptions {
  /** Its number or SIP URI. */
  readonly number: string;
  /** IP address for signalling and audio. */
  readonly address: string;
  /** Port for signalling; 0 takes a free one. */
  readonly port?: number;
  /** What it says to be reached at, when that is another port. */
  readonly advertisedPort?: number;
  /** UDP unless given. */
  readonly transport?: TransportName;
  /** Key, certificate and authorities, for TLS. */
  readonly tls?: SecureContextOptions;
  /** Who may call it, and whom it may call: IP addresses and networks. */
  readonly peers: readonly string[];
}

export interface PhoneCallEvents {
  ringing: [status: number];
  answered: [];
  /** It is over: hung up by the other side (`by` is theirs), refused or failed. */
  ended: [how: { readonly status?: number; readonly reason?: string }];
}

/** One call of a phone: signalling and audio. Whoever has it hangs it up; `ended` says that it is over. */
export class PhoneCall extends EventEmitter<PhoneCallEvents> {
  readonly audio: RtpEndpoint;
  readonly #session: DialogSession;
  #ours: OurMedia;
  #established = false;
  #over = false;

  constructor(session: DialogSession, audio: RtpEndpoint, ours: OurMedia) {
    super();
    this.#session = session;
    this.audio = audio;
    this.#ours = ours;
    session.on('offer', ({ sdp }) => this.#offered(sdp));
    session.on('progress', ({ status }) => this.emit('ringing', status));
    session.on('refused', ({ status, phrase }) => this.#end({ status, reason: phrase }));
    session.on('cancelled', ({ reason }) => this.#end({ reason }));
    session.on('ended', ({ reason }) => this.#end({ reason }));
    session.on('failed', ({ message }) => this.#end({ reason: message }));
  }

  get over(): boolean {
    return this.#over;
  }

  /** The two sides have agreed: audio flows. */
  establish(remote: RemoteMedia): void {
    this.#established = true;
    this.audio.connect(remote);
    this.emit('answered');
  }

  /** Hangs up, or gives up calling. */
  async hangUp(): Promise<void> {
    if (this.#over) return;
    if (this.#established) await this.#session.bye();
    else void this.#session.bye();
    this.#end({});
  }

  /** The other side changes the session: it has other ports, say. */
  #offered(offer: string | undefined): void {
    this.#ours = nextDescription(this.#ours);
    try {
      if (offer === undefined) throw new TandemError('media.bad-sdp', { detail: 'there is none' });
      const { sdp, remote } = answerOffer(offer, this.#ours);
      this.#session.acceptOffer(sdp);
      this.audio.connect(remote);
    } catch {
      this.#session.refuseOffer(488);
    }
  }

  #end(how: PhoneCallEvents['ended'][0]): void {
    if (this.#over) return;
    this.#over = true;
    this.audio.mute();
    this.emit('ended', how);
  }
}

/** Somebody calls. */
export interface PhoneRings {
  readonly from: string;
  readonly call: PhoneCall;
  ring(): void;
  answer(): void;
  reject(status: number): void;
}

/** Our telephones speak G.711. */
const describe = ({ address, port }: RtpEndpoint): OurMedia => ({
  ...firstDescription({ id: '', address, port }),
  codecs: ['PCMU', 'PCMA'],
});

/** A telephone of our own: for the demo, for tests, and to hear a network with. */
export class SipPhone extends EventEmitter<{ rings: [PhoneRings] }> {
  readonly #options: SipPhoneOptions;
  readonly #userAgent: UserAgent;
  readonly #audio = new Set<RtpEndpoint>();
  /** Such as `sip:127.0.0.1:5060;transport=udp`. */
  readonly uri: string;

  private constructor(options: SipPhoneOptions, userAgent: UserAgent) {
    super();
    this.#options = options;
    this.#userAgent = userAgent;
    this.uri = userAgent.addresses[0]!;
    userAgent.onInvite((invite) => void this.#invited(invite));
  }

  /** @throws sip.address-in-use, sip.cannot-listen */
  static async open(options: SipPhoneOptions): Promise<SipPhone> {
    const { address, port = 0, advertisedPort, peers, transport: name = 'udp', tls } = options;
    const transport = await openTransportLayer({
      listen: [{ transport: name, address, port, advertisedPort }],
      peers: [{ trunk: 'network', addresses: peers }],
      tls,
    });
    return new SipPhone(options, createUserAgent({ transport }));
  }

  /** Calls a URI such as `sip:+15550100@127.0.0.1:5060`. */
  async call(uri: string): Promise<PhoneCall> {
    const audio = await this.#openAudio();
    const ours = describe(audio);
    const sdp = makeOffer(ours);
    const session = this.#userAgent.invite({ id: uri, uri, from: this.#options.number, sdp });
    const call = new PhoneCall(session, audio, ours);
    session.on('progress', ({ sdp: early }) => early && audio.connect(readAnswer(sdp, early)));
    session.on('answered', ({ sdp: answer }) => call.establish(readAnswer(sdp, answer)));
    return call;
  }

  async close(): Promise<void> {
    await this.#userAgent.close();
    await Promise.all([...this.#audio].map((audio) => audio.close()));
  }

  async #openAudio(): Promise<RtpEndpoint> {
    const audio = await RtpEndpoint.open(this.#options.address);
    this.#audio.add(audio);
    return audio;
  }

  async #invited({ session, from, sdp: offer }: IncomingInvite): Promise<void> {
    if (offer === undefined) return session.reject(488);
    const audio = await this.#openAudio();
    const ours = describe(audio);
    const call = new PhoneCall(session, audio, ours);
    const { sdp, remote } = answerOffer(offer, ours);
    this.emit('rings', {
      from,
      call,
      ring: () => session.ring(),
      answer: () => {
        session.answer(sdp);
        call.establish(remote);
      },
      reject: (status) => session.reject(status),
    });
  }
}
