import { ENDPOINT_DELAY, wayDelay } from './delays.ts';
import { estimateMos } from './quality.ts';

/** What is known of a route's quality: plain data, kept between samples. */
export type RouteVerdict = {
  /** New calls leave it first. */
  poor: boolean;
  /** Samples in a row that speak against the verdict. */
  against: number;
};

export type RouteSample = {
  /** Round trip, milliseconds. */
  rtt: number;
  /** Milliseconds. */
  jitter: number;
  /** Share of packets lost, 0 to 1. */
  loss: number;
  /** Mean opinion score, where it was measured. */
  mos?: number;
};

/**
 * When a route becomes poor and when it is good again. The two opinion scores lie apart and several samples in a row
 * have to agree, so that a route at the edge does not change sides with each sample.
 */
export type RouteThresholds = {
  poorBelow: number;
  goodFrom: number;
  samplesToPoor: number;
  samplesToGood: number;
};

export const routeThresholds: RouteThresholds = {
  poorBelow: 3.5,
  goodFrom: 3.8,
  samplesToPoor: 2,
  samplesToGood: 5,
};

export const unjudged: RouteVerdict = { poor: false, against: 0 };

/** The verdict after one more sample. */
export function judgeRoute(
  { poor, against }: RouteVerdict,
  { rtt, jitter, loss, mos = 5 }: RouteSample,
  { poorBelow, goodFrom, samplesToPoor, samplesToGood }: RouteThresholds = routeThresholds,
): RouteVerdict {
  const heard = Math.min(mos, estimateMos(ENDPOINT_DELAY + wayDelay(rtt, jitter), loss));
  const speaksAgainst = poor ? heard >= goodFrom : heard < poorBelow;
  if (!speaksAgainst) return { poor, against: 0 };
  if (against + 1 < (poor ? samplesToGood : samplesToPoor)) return { poor, against: against + 1 };
  return { poor: !poor, against: 0 };
}
