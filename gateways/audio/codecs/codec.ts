/** Audio codecs that a leg may use, by their names in SDP (RFC 3551, RFC 7587). */
export type CodecName = 'PCMU' | 'PCMA' | 'G722' | 'opus';

/** Samples a second that sound has on its way through the platform: that of telephones, and wide-band. */
export type SampleRate = 8000 | 16_000;

/** What is so of a codec, whoever uses it. */
export interface CodecFacts {
  /** Of the sound that we encode; what is decoded may have 8 kHz as well. */
  readonly sampleRate: SampleRate;
  /** Ticks a second of its RTP clock, and of the telephone events beside it (RFC 4733, section 2.1). */
  readonly clockRate: 8000 | 48_000;
  /** The payload type that it has without being told (RFC 3551, table 4). */
  readonly payloadType?: number;
  /** Milliseconds of sound that we put into a packet. */
  readonly packetTimes: readonly number[];
}

const EVERY_TEN = [10, 20, 30, 40, 50, 60];

/**
 * The codecs that we have, as the most wanted come first: what every telephone has, which also costs least, before
 * what sounds better.
 *
 * G.722's RTP clock is half its sample rate by an old mistake (RFC 3551, section 4.5.2). Opus' is 48 kHz whatever the
 * sound's rate (RFC 7587, section 4.1); we speak it in wide-band, and its packets hold 10, 20, 40 or 60 ms.
 */
export const CODECS: Readonly<Record<CodecName, CodecFacts>> = {
  PCMU: { sampleRate: 8000, clockRate: 8000, payloadType: 0, packetTimes: EVERY_TEN },
  PCMA: { sampleRate: 8000, clockRate: 8000, payloadType: 8, packetTimes: EVERY_TEN },
  G722: { sampleRate: 16_000, clockRate: 8000, payloadType: 9, packetTimes: EVERY_TEN },
  opus: { sampleRate: 16_000, clockRate: 48_000, packetTimes: [10, 20, 40, 60] },
};

export const CODEC_NAMES = Object.keys(CODECS) as readonly CodecName[];

export const isCodecName = (name: string): name is CodecName => Object.hasOwn(CODECS, name);

/** The longest packet of a codec, in milliseconds, that is no longer than what is asked for. */
export const packetTime = (codec: CodecName, asked: number): number =>
  CODECS[codec].packetTimes.findLast((time) => time <= asked) ?? 10;

/** Makes payloads out of sound. Whoever made it closes it. */
export interface AudioEncoder {
  readonly codec: CodecName;
  /**
   * Encodes one packet's samples, at the codec's rate and as many as one of its packet times has.
   *
   * @returns bytes of `out` that hold the payload
   */
  encode(samples: Int16Array, out: Uint8Array): number;
  /** The share of packets that do not reach the peer, 0 to 1: some codecs send more so that less is missed. */
  expectLoss(share: number): void;
  close(): void;
}

/** Makes sound out of payloads, one after the other. Whoever made it closes it. */
export interface AudioDecoder {
  readonly codec: CodecName;
  readonly sampleRate: SampleRate;
  /**
   * Decodes a payload; one that makes no sense gives no samples.
   *
   * @param out room for 120 ms, or for as many samples as the payload of a codec that knows no packets has bytes
   * @returns samples of `out` that were made
   */
  decode(payload: Uint8Array, out: Int16Array): number;
  /**
   * Makes up what a lost packet said: fills `out`, of so many samples as are missing (whole 10 ms).
   *
   * @param next the payload after it, if it has come: some codecs repeat the one before
   */
  conceal(out: Int16Array, next?: Uint8Array): void;
  close(): void;
}
