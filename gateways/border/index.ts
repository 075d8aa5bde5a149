export { type Border, type BorderOptions, openBorder } from './border.ts';
export { relayMetadata } from './border-method.ts';
export { type ProxiedSpeechOptions, proxiedSpeech } from './proxied-speech.ts';
