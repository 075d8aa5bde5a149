/** Offers in the shapes that peers send, written for tests: what each is like is in its name. */

const sdp = (...lines: readonly string[]): string => `${lines.join('\r\n')}\r\n`;

export const carrier = sdp(
  'v=0',
  'o=SBC-7 1700000001 1700000001 IN IP4 203.0.113.5',
  's=sip call',
  'c=IN IP4 203.0.113.77',
  't=0 0',
  'm=audio 38664 RTP/AVP 18 8 0 100',
  'a=rtpmap:18 G729/8000',
  'a=fmtp:18 annexb=no',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:100 telephone-event/8000',
  'a=fmtp:100 0-15',
  'a=maxptime:20',
);

/** Static payload types only, no attribute at all. */
export const oldGateway = sdp(
  'v=0',
  'o=- 0 0 IN IP4 198.51.100.9',
  's=-',
  'c=IN IP4 198.51.100.9',
  't=0 0',
  'm=audio 16390 RTP/AVP 0 8 4 19',
);

export const softphone = sdp(
  'v=0',
  'o=alice 53655765 2353687637 IN IP4 192.0.2.33',
  's=Talk',
  't=0 0',
  'a=ice-pwd:0123456789abcdef01234567',
  'a=ice-ufrag:abcd',
  'a=rtcp-xr:rcvr-rtt=all:10000 stat-summary=loss,dup,jitt,TTL voip-metrics',
  'm=audio 7078 RTP/AVPF 96 97 0 8 101 99',
  'c=IN IP4 192.0.2.33',
  'a=rtpmap:96 opus/48000/2',
  'a=fmtp:96 useinbandfec=1',
  'a=rtpmap:97 speex/16000',
  'a=rtpmap:101 telephone-event/48000',
  'a=rtpmap:99 telephone-event/8000',
  'a=fmtp:99 0-16',
  'a=rtcp:7079',
  'a=rtcp-mux',
  'a=candidate:1 1 UDP 2130706303 192.0.2.33 7078 typ host',
  'a=rtcp-fb:* trr-int 5000',
  'm=video 9078 RTP/AVPF 98',
  'c=IN IP4 192.0.2.33',
  'a=rtpmap:98 VP8/90000',
);

/** Video comes first, and a chat stream of another kind of transport. */
export const videoFirst = sdp(
  'v=0',
  'o=- 1 1 IN IP4 192.0.2.1',
  's=-',
  'c=IN IP4 192.0.2.1',
  't=0 0',
  'a=group:BUNDLE v a',
  'm=video 5000/2 RTP/AVP 97',
  'a=mid:v',
  'a=rtpmap:97 H264/90000',
  'm=message 2855 TCP/MSRP *',
  'a=path:msrp://192.0.2.1:2855/x;tcp',
  'm=audio 5004 RTP/AVP 8',
  'a=mid:a',
  'a=ptime:30',
  'm=image 0 udptl t38',
);

export const ipv6 = sdp(
  'v=0',
  'o=- 1 1 IN IP6 2001:db8::5',
  's=-',
  'c=IN IP6 2001:db8::5',
  't=0 0',
  'm=audio 6000 RTP/AVP 0',
);

export const browser = sdp(
  'v=0',
  'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'a=msid-semantic: WMS',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111 0 8 126',
  'c=IN IP4 0.0.0.0',
  'a=rtcp:9 IN IP4 0.0.0.0',
  'a=ice-ufrag:abcd',
  'a=ice-pwd:0123456789abcdef01234567',
  'a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF',
  'a=setup:actpass',
  'a=mid:0',
  'a=sendrecv',
  'a=rtcp-mux',
  'a=rtpmap:111 opus/48000/2',
);

export const encrypted = sdp(
  'v=0',
  'o=- 1 1 IN IP4 192.0.2.1',
  's=-',
  'c=IN IP4 192.0.2.1',
  't=0 0',
  'm=audio 5004 RTP/SAVP 0',
  'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
);

/** The same stream encrypted and, as a second choice, in the clear. */
export const encryptedOrPlain = sdp(encrypted.trimEnd(), 'm=audio 5006 RTP/AVP 0');

/** Line ends of one character, and a line that is unknown. */
export const sloppy =
  'v=0\no=- 1 1 IN IP4 192.0.2.1\nx=what\nc=IN IP4 192.0.2.1\nm=audio 5004 RTP/AVP 0 \na=sendrecv\n';

export const acceptable = { carrier, oldGateway, softphone, videoFirst, encryptedOrPlain, sloppy };
