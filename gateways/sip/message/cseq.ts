import { excerpt, malformed } from './syntax.ts';

/** A value of CSeq (RFC 3261, 20.16). */
export interface CSeq {
  /** 0 to 2^31 - 1. */
  readonly sequence: number;
  readonly method: string;
}

const CSEQ = /^([0-9]{1,20})[ \t]+([A-Za-z0-9\-.!%*_+`'~]+)$/;

/** Parses a value of CSeq. @throws sip.malformed */
export const parseCSeq = (value: string): CSeq => {
  const match = CSEQ.exec(value);
  if (match === null || Number(match[1]) >= 2 ** 31) throw malformed(`${excerpt(value)} is no CSeq`, 'CSeq');
  return { sequence: Number(match[1]), method: match[2]! };
};
