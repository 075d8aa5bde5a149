import type { Instruction } from '@tandem/proto/generated/events.ts';
import type { ElementReader } from './read-content.ts';
import { dial } from './verbs/dial.ts';
import { gather } from './verbs/gather.ts';
import { hangup } from './verbs/hangup.ts';
import { number } from './verbs/number.ts';
import { pause } from './verbs/pause.ts';
import { play } from './verbs/play.ts';
import { redirect } from './verbs/redirect.ts';
import { reject } from './verbs/reject.ts';
import { say } from './verbs/say.ts';
import { sip } from './verbs/sip.ts';

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
