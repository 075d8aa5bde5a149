import { dBm0, meanSquare } from '@tandem/gateways/audio/signal';
import { correlate, type Likeness, NOT_FOUND } from './correlate.ts';

/** A place where what is heard does not go on as what was said; milliseconds. */
export interface AudioGap {
  /** Where in what was heard. */
  readonly at: number;
  /** Of what was said, what is missing there. */
  readonly lost: number;
  /** Of what was said, what is heard there once more. */
  readonly repeated: number;
  /** Something else in its place: silence, or what a codec makes up. */
  readonly filled: number;
}

/** What of a signal was lost; milliseconds. */
export interface AudioLoss {
  readonly lost: number;
  readonly repeated: number;
  readonly filled: number;
  readonly gaps: readonly AudioGap[];
  /** The first and the last of the signal in what was heard; nothing outside counts. Both 0 when it is not there. */
  readonly from: number;
  readonly to: number;
}

const MS = 8;
/** Samples that are compared at once while the signal goes on: 20 ms. */
const STEP = 160;
/** Samples by which the signal is found again: 40 ms. */
const SAMPLE = 320;
/** Likeness of the same 20 ms after a codec; of different ones it is seldom above 0.2. */
const SAME = 0.45;
/** Likeness by which the signal is found anywhere: by chance there is none above 0.4 in a minute. */
const FOUND = 0.5;
/** Level in dBm0 below which nothing is looked for. */
const SILENCE = -45;
/** Samples by which clocks and filters move a signal from one step to the next. */
const DRIFT = 3;
/** Samples back and forth where the signal is looked for when it does not go on. */
const FAR_BACK = 5000 * MS;
const FAR_AHEAD = 15_000 * MS;
/** Square of a sample by which it counts as neither this nor that, as part of the signal's own mean square. */
const NEITHER = 0.6;

/** A part of what was heard that is said in one piece: heard sample i is said sample i + lag. */
interface Piece {
  start: number;
  end: number;
  /** At its start and at its end, which differ when clocks do. */
  readonly lag: number;
  lastLag: number;
}

/**
 * Tells how much of a marked signal (`markedSignal`) got lost, was repeated or was filled with something else on
 * its way, from what was heard of it: mono at 8 kHz, about as loud as it was said. Exact to a few samples where no
 * codec but G.711 is on the way. What was said must be within 15 s of what is expected after a gap.
 */
export function lostAudio(said: Int16Array, heard: Int16Array): AudioLoss {
  const pieces = piecesOf(said, heard);
  const gaps: AudioGap[] = [];
  for (const [index, after] of pieces.entries()) {
    const before = pieces[index - 1];
    if (before) gaps.push(gapBetween(before, after, said, heard));
  }
  const real = gaps.filter(({ lost, repeated, filled }) => lost + repeated + filled > 1);
  const sum = (what: 'lost' | 'repeated' | 'filled') => real.reduce((total, gap) => total + gap[what], 0);
  return {
    lost: sum('lost'),
    repeated: sum('repeated'),
    filled: sum('filled'),
    gaps: real,
    from: (pieces[0]?.start ?? 0) / MS,
    to: (pieces.at(-1)?.end ?? 0) / MS,
  };
}

function piecesOf(said: Int16Array, heard: Int16Array): Piece[] {
  const pieces: Piece[] = [];
  let piece: Piece | undefined;
  let at = 0;
  while (at + STEP <= heard.length) {
    const goesOn: Likeness = piece ? near(said, heard, at, STEP, piece.lastLag) : NOT_FOUND;
    if (piece && goesOn.score >= SAME) {
      piece.lastLag = goesOn.at - at;
      piece.end = at + STEP;
      at += STEP;
      continue;
    }
    const found = find(said, heard, at, pieces.at(-1));
    piece = undefined;
    if (found.score >= FOUND) {
      const lag = found.at - at;
      const length = Math.min(SAMPLE, heard.length - at);
      piece = { start: at, end: at + length, lag, lastLag: lag };
      pieces.push(piece);
      at += length;
    } else at += isSilent(heard.subarray(at, at + SAMPLE)) ? STEP / 4 : STEP;
  }
  return pieces;
}

const near = (said: Int16Array, heard: Int16Array, at: number, length: number, lag: number): Likeness =>
  correlate(heard.subarray(at, at + length), said, at + lag - DRIFT, at + lag + DRIFT);

const isSilent = (samples: Int16Array): boolean => dBm0(meanSquare(samples)) < SILENCE;

/** Where what is heard at an index was said: where it would be after whole packets, or else anywhere. */
function find(said: Int16Array, heard: Int16Array, at: number, last: Piece | undefined): Likeness {
  const sample = heard.subarray(at, at + SAMPLE);
  if (sample.length < SAMPLE || isSilent(sample)) return NOT_FOUND;
  if (!last) return correlate(sample, said);
  for (const packets of PACKETS) {
    const likely = near(said, heard, at, SAMPLE, last.lastLag + packets * STEP);
    if (likely.score >= FOUND) return likely;
  }
  const expected = at + last.lastLag;
  return correlate(sample, said, expected - FAR_BACK, expected + FAR_AHEAD);
}

/** Packets lost or repeated: as none, one lost, one repeated, two … up to a second. */
const PACKETS = Array.from({ length: 101 }, (_, index) => (index % 2 === 1 ? (index + 1) / 2 : -index / 2));

/**
 * Where exactly one piece ends and the next begins: each sample costs the square of its distance to what the piece
 * says it should be, or a fixed sum for neither; the cheapest split is taken.
 */
function gapBetween(before: Piece, after: Piece, said: Int16Array, heard: Int16Array): AudioGap {
  const from = Math.max(before.start, before.end - 2 * STEP);
  const to = Math.min(after.end, after.start + 2 * STEP);
  const neither =
    NEITHER * meanSquare(said.subarray(before.end + before.lastLag - STEP, before.end + before.lastLag));
  const square = (at: number, lag: number) => (heard[at]! - (said[at + lag] ?? 0)) ** 2;
  // Costs up to here of being still in the piece before, in neither, and in the piece after, with their splits.
  let still = 0;
  let none = { cost: 0, left: from };
  let there = { cost: 0, left: from, came: from };
  for (let at = from; at < to; at++) {
    still += square(at, before.lastLag);
    const stays = { cost: none.cost + neither, left: none.left };
    const came = there.cost + square(at, after.lag);
    none = still < stays.cost ? { cost: still, left: at + 1 } : stays;
    there = none.cost < came ? { ...none, came: at + 1 } : { ...there, cost: came };
  }
  const filled = there.came - there.left;
  const jump = after.lag - before.lastLag + filled;
  return {
    at: there.left / MS,
    lost: Math.max(0, jump) / MS,
    repeated: Math.max(0, -jump) / MS,
    filled: filled / MS,
  };
}
