export { createSpeakClient, type SpeakClient } from './speak-client.ts';
export { speakLimits, speakMethod } from './speak-method.ts';
export { createSpeakServer, type SpeakFor, type SpeakStream } from './speak-server.ts';
