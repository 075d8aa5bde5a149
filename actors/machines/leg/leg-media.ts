import type { LegDecide } from './leg-context.ts';

export const play: LegDecide<'PlayRequested'> = (_context, { data }) => ({
  context: { playing: data.playId },
  effects: [{ type: 'play', ...data }],
});

/** A play that is asked for before there are ports begins when they are there. */
export const wantPlay: LegDecide<'PlayRequested'> = (_context, { data }) => ({
  context: { playWanted: data },
});

export const playNow: LegDecide<'MediaAllocated'> = ({ playWanted }) => ({
  context: { playWanted: undefined, playing: playWanted!.playId },
  effects: [{ type: 'play', ...playWanted! }],
});

export const stopPlay: LegDecide<'PlayStopRequested'> = (_context, { data }) => ({
  effects: [{ type: 'stopPlay', playId: data.playId }],
});

export const played: LegDecide<'PlayFinished'> = () => ({ context: { playing: undefined } });

export const sendDigits: LegDecide<'DigitsRequested'> = (_context, { data }) => ({
  effects: [{ type: 'sendDigits', digits: data.digits }],
});

export const bridge: LegDecide<'BridgeRequested'> = (_context, { data }) => ({
  context: { bridgedTo: data.peer },
  effects: [{ type: 'bridge', peer: data.peer }],
});

export const unbridge: LegDecide<'UnbridgeRequested'> = () => ({
  context: { bridgedTo: undefined },
  effects: [{ type: 'unbridge' }],
});

export const latched: LegDecide<'MediaLatched'> = (_context, { data }) => ({ context: { source: data } });

/** Digits go to the call; the leg only keeps count. */
export const digit: LegDecide<'DigitReceived'> = ({ digits }) => ({ context: { digits: digits + 1 } });

/** What is done about silence is the call's to decide (requirement G6). */
export const silent: LegDecide<'MediaStopped'> = (_context, { data, time }) => ({
  context: { silentSince: time - data.silentFor },
});
