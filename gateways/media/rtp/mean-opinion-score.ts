/** What a rating of a stream is made of; times in milliseconds. */
export interface StreamQuality {
  readonly packets: number;
  readonly lost: number;
  readonly jitter: number;
  /** 0 is assumed while it is not known. */
  readonly roundTrip?: number;
}

/** Rating of a connection with nothing wrong but what is always there (ITU-T G.107, section 7.7). */
const BEST_RATING = 93.2;
/** Impairment by the codec itself, Ie: none by G.711 (ITU-T G.113, appendix I). */
const CODEC_IMPAIRMENT = 0;
/** How well G.711 with concealment stands random loss, Bpl (ITU-T G.113, appendix I). */
const LOSS_ROBUSTNESS = 25.1;
/** Delay from which on conversation suffers more; milliseconds. */
const NOTICED_DELAY = 177.3;
/** A packet is filled before it is sent; milliseconds. */
const PACKET_TIME = 20;

/**
 * Impairment by loss, Ie-eff, of random losses (ITU-T G.107, section 7.5).
 *
 * @param loss in percent
 */
export const lossImpairment = (loss: number): number =>
  CODEC_IMPAIRMENT + ((95 - CODEC_IMPAIRMENT) * loss) / (loss + LOSS_ROBUSTNESS);

/**
 * Impairment by delay, Id, without echo, in the short form of Cole and Rosenbluth (2001).
 *
 * @param delay from mouth to ear, in milliseconds
 */
export const delayImpairment = (delay: number): number =>
  0.024 * delay + 0.11 * Math.max(0, delay - NOTICED_DELAY);

/** The score that a rating R stands for: 1 to 4.5 (ITU-T G.107, annex B). */
export const scoreOfRating = (rating: number): number => {
  const r = Math.min(100, Math.max(0, rating));
  return Math.max(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6);
};

/**
 * The mean opinion score that the E-model gives: 1 to 4.41. The listener's buffer is taken to hold twice the jitter.
 *
 * It is that of G.711 with concealment. For G.722 and Opus there are no planning values on the same scale; as they
 * stand loss no worse, the score ranks ways alike whatever the codec.
 */
export const meanOpinionScore = ({ packets, lost, jitter, roundTrip = 0 }: StreamQuality): number => {
  const lossPercent = lost <= 0 ? 0 : (100 * lost) / (packets + lost);
  const delay = roundTrip / 2 + 2 * jitter + PACKET_TIME;
  return scoreOfRating(BEST_RATING - delayImpairment(delay) - lossImpairment(lossPercent));
};
