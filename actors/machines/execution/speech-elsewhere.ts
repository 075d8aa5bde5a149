import { does } from '../transition/index.ts';
import { askForSpeech, needsSpeechElsewhere } from './media-asking.ts';

/** On `CallPlayFinished`: what the caller's gateway cannot say is said from another place, and waited for as before. */
export const speechElsewhere = { guard: needsSpeechElsewhere, actions: does(askForSpeech) };
