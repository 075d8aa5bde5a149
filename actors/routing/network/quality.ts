/** Impairment by one more coding of the speech, on the scale of R. */
const TRANSCODING = 5;
/** How well packet loss is concealed (ITU-T G.107, Bpl). */
const LOSS_ROBUSTNESS = 10;

/**
 * The mean opinion score that a conversation may be expected to get, 1 to 4.5, after the E-model (ITU-T G.107 with
 * the short form of the delay impairment, of Cole and Rosenbluth 2001).
 *
 * @param delay mouth to ear, milliseconds
 * @param loss share of packets lost, 0 to 1
 * @param transcodings how often the speech is coded again on its way
 */
export function estimateMos(delay: number, loss: number, transcodings = 0): number {
  const byDelay = 0.024 * delay + (delay > 177.3 ? 0.11 * (delay - 177.3) : 0);
  const byCoding = TRANSCODING * transcodings;
  const percent = 100 * loss;
  const byLoss = ((95 - byCoding) * percent) / (percent + LOSS_ROBUSTNESS);
  const r = Math.max(0, 93.2 - byDelay - Math.min(95, byCoding + byLoss));
  return Math.max(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6);
}
