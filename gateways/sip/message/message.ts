import type { HeaderFields } from './header-fields.ts';

/** A SIP request or response (RFC 3261, section 7). Header values are parsed when they are asked for. */
export type SipMessage = SipRequest | SipResponse;

export interface SipRequest {
  readonly kind: 'request';
  readonly method: string;
  /** Request-URI as text. */
  readonly uri: string;
  readonly headers: HeaderFields;
  readonly body: Buffer;
}

export interface SipResponse {
  readonly kind: 'response';
  /** 100 to 699. */
  readonly status: number;
  readonly phrase: string;
  readonly headers: HeaderFields;
  readonly body: Buffer;
}
