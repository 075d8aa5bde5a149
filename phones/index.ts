export { lostAudio } from './lost-audio.ts';
export { markedSignal } from './marked-signal.ts';
export { mouthToEar } from './mouth-to-ear.ts';
export { RtpEndpoint } from './rtp-endpoint.ts';
export { type PhoneCall, type PhoneCallEvents, type PhoneRings, SipPhone } from './sip-phone.ts';
export { type Heard, whatIsHeard } from './what-is-heard.ts';
