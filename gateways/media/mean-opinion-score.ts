/** What a rating of a stream is made of; times in milliseconds. */
export interface StreamQuality {
  readonly packets: number;
  readonly lost: number;
  readonly jitter: number;
  /** 0 is assumed while it is not known. */
  readonly roundTrip?: number;
}

/** Rating of a connection with nothing wrong but what is always there (ITU-T G.107, table 3). */
const BEST_RATING = 93.2;
/** How well G.711 with concealment stands random loss (ITU-T G.113, table I.4). */
const LOSS_ROBUSTNESS = 25.1;
/** Delay from which on conversation suffers more; milliseconds. */
const NOTICED_DELAY = 177.3;
/** A packet is filled before it is sent; milliseconds. */
const PACKET_TIME = 20;

/**
 * The mean opinion score that the E-model gives for G.711 (ITU-T G.107, annex B, with its usual simplification of delay):
 * 1 to 4.41. The listener's buffer is taken to hold twice the jitter.
 */
export const meanOpinionScore = ({ packets, lost, jitter, roundTrip = 0 }: StreamQuality): number => {
  const lossPercent = lost <= 0 ? 0 : (100 * lost) / (packets + lost);
  const delay = roundTrip / 2 + 2 * jitter + PACKET_TIME;
  const fromDelay = 0.024 * delay + 0.11 * Math.max(0, delay - NOTICED_DELAY);
  const fromLoss = (95 * lossPercent) / (lossPercent + LOSS_ROBUSTNESS);
  const rating = Math.max(0, BEST_RATING - fromDelay - fromLoss);
  return Math.max(1, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6);
};
