import { Logins, withLogin } from '@tandem/actors/documents/fetch';
import type { PlayItem, PlayRequested } from '@tandem/proto/generated/events.ts';

/** Plays that wait to begin, at most. */
const MOST = 10_000;

/**
 * User names and passwords of files that are to be played, between the command that names them and the play: they are in
 * no event. A process that is started again does not have them, and its plays of such files fail.
 */
export class FileLogins {
  readonly #plays = new Map<string, Logins>();

  /** Takes them out of a command. */
  take(play: PlayRequested): PlayRequested {
    const logins = new Logins();
    const items = play.items.map((item) => onFile(item, (url) => logins.take(url)));
    if (logins.entries.length === 0) return play;
    this.#plays.set(play.playId, logins);
    if (this.#plays.size > MOST) this.#plays.delete(this.#plays.keys().next().value!);
    return { ...play, items };
  }

  /** The items of a play that begins, with them. */
  give(playId: string, items: readonly PlayItem[]): PlayItem[] {
    const logins = this.#plays.get(playId);
    this.#plays.delete(playId);
    return items.map((item) => onFile(item, (url) => withLogin(url, logins?.find(url))));
  }
}

const onFile = (item: PlayItem, change: (url: string) => string): PlayItem =>
  'file' in item ? { file: { ...item.file, url: change(item.file.url) } } : item;
