import type { Position } from './event-store.ts';

/** Whether a text is a position as the link carries it: an unsigned decimal of up to 64 bits. */
export const isLinkPosition = (text: string): boolean => /^(?:0|[1-9]\d{0,19})$/.test(text);

/** Whether a position comes after another; `''` stands for the place before the first. */
export const isAfter = (one: Position, other: Position): boolean =>
  one.length === other.length ? one > other : one.length > other.length;
