import type { Instruction } from '@tandem/proto/generated/events.ts';
import type { ElementReader } from '../xml/index.ts';
import { dial } from './dial.ts';
import { gather } from './gather.ts';
import { hangup } from './hangup.ts';
import { number } from './number.ts';
import { pause } from './pause.ts';
import { play } from './play.ts';
import { redirect } from './redirect.ts';
import { reject } from './reject.ts';
import { say } from './say.ts';
import { sip } from './sip.ts';

/** The verbs that a document may hold. A new verb is one file in verbs/ and one line here. */
export const verbs: readonly ElementReader<Instruction>[] = [
  dial,
  gather,
  hangup,
  pause,
  play,
  redirect,
  reject,
  say,
];

/** The names of all elements that can be run: verbs, and the nouns in them. */
export const tags: readonly string[] = [...verbs, number, sip].map(({ tag }) => tag);
