/** The part of sdp-transform that tests use, to have what we write read by others. */
declare module 'sdp-transform' {
  export function parse(sdp: string): {
    readonly origin?: { readonly sessionId: number | string };
    readonly media: readonly {
      readonly port: number;
      readonly rtp: readonly {
        readonly payload: number;
        readonly codec: string;
        readonly rate: number;
        readonly encoding?: number;
      }[];
      readonly fmtp: readonly { readonly payload: number; readonly config: string }[];
    }[];
  };
}
