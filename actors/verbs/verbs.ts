import { dial } from './dial/index.ts';
import { gather } from './gather/index.ts';
import { hangup } from './hangup/index.ts';
import { leave } from './leave/index.ts';
import { pause } from './pause/index.ts';
import { play } from './play/index.ts';
import { redirect } from './redirect/index.ts';
import { reject } from './reject/index.ts';
import { say } from './say/index.ts';
import type { Verb } from './verb.ts';

/** The verbs that a document may hold. A new verb is a folder of actors/verbs/ and one line here. */
export const verbs: readonly Verb[] = [dial, gather, hangup, leave, pause, play, redirect, reject, say];

/** The names of all elements that can be run: verbs, and the nouns in them. */
export const tags: readonly string[] = verbs.flatMap(({ reader, nouns = [] }) => [reader.tag, ...nouns]);
