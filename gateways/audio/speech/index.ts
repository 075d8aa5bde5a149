export type { PlayItem } from './play-item.ts';
export {
  createFliteSynthesizer,
  LONGEST_TEXT,
  type Speech,
  type SpeechRequest,
  type SpeechSynthesizer,
  textToSay,
} from './speech.ts';
export { spokenPieces } from './spoken-pieces.ts';
