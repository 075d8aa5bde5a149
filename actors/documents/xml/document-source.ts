import type { DocumentPlace, TandemError } from '../../errors/index.ts';
import { withoutCredentials } from '../../net/index.ts';

/** Who hears what a reader finds besides instructions. */
export interface DocumentNotes {
  /** Takes what is wrong with a part that is left out, as if it did not stand there. */
  readonly warn: (warning: TandemError) => void;
  /** Takes the user name and password out of a URL, which are not to stand in an instruction. */
  readonly takeLogin: (url: string) => string;
}

/** A document while it is read: where it came from, and its text, which says where its parts stand. */
export interface DocumentSource {
  /** URL against which the document's relative URLs are resolved. */
  readonly url: string;
  readonly text: string;
  /** The names of all elements that can be run, wherever they may stand. */
  readonly tags: readonly string[];
  readonly notes: DocumentNotes;
}

/** Where an offset into the document's text is, for people. */
export function placeOf(source: DocumentSource, offset: number): DocumentPlace {
  const before = source.text.slice(0, Math.max(0, offset));
  const line = before.split(/\r\n|\r|\n/).length;
  const column = before.length - Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r'));
  return { url: withoutCredentials(source.url), line, column };
}

/** A name or value as it may stand in a message: short, in one line, and without credentials of URLs in it. */
export function quoted(value: string): string {
  const shown = value
    .replace(/\s+/g, ' ')
    .replace(/\/\/[^/?# ]*@/g, '//…@')
    .replace(/(sips?:[^:@ ]*:)[^@ ]*@/gi, '$1…@');
  return shown.length > 80 ? `${shown.slice(0, 79)}…` : shown;
}
