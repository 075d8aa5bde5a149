import type { Names } from '@tandem/actors/history';
import { hideKeys } from '@tandem/actors/history';
import type { AnyMachineSnapshot } from 'xstate';
import { clip, type Look, oneLine } from './terminal.ts';

/** An actor’s context as paths and values: `dial.pending`, `["LE…"]`. A list is one value. */
function flatContext({ context }: AnyMachineSnapshot): Map<string, string> {
  const flat = new Map<string, string>();
  const visit = (value: unknown, path: string): void => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [key, inner] of Object.entries(hideKeys(value)))
        visit(inner, path === '' ? key : `${path}.${key}`);
    } else if (value !== undefined) {
      flat.set(path, readable(path, value));
    }
  };
  visit(context, '');
  return flat;
}

const A_TIME = /(?:At|Since)$|^timers\./;

function readable(path: string, value: unknown): string {
  if (typeof value === 'number' && value > 0 && A_TIME.test(path)) return new Date(value).toISOString();
  const text = typeof value === 'string' && value !== '' ? value : JSON.stringify(hideKeys(value));
  // A URL may have a password in it.
  return oneLine(text.replace(/\/\/[^/?#\s"]*@/g, '//…@').replace(/\r?\n/g, ' ↵ '));
}

const PATH_WIDTH = 24;
const INDENT = '       ';
/** Columns of an old value, so that the new one beside it is seen. */
const MOST_OF_OLD = 40;

function line(path: string, shown: string, names: Names, { style, width }: Look): string {
  const named = path
    .replace(/(?:LE|PI)[0-9a-f]{32}/, (legId) => names.get(legId) ?? legId)
    .padEnd(PATH_WIDTH);
  return `${INDENT}${style.quiet(named)}  ${clip(shown, width - INDENT.length - named.length - 2)}`;
}

/** The whole context, a line for each value. */
export const contextLines = (snapshot: AnyMachineSnapshot, names: Names, look: Look): string[] =>
  [...flatContext(snapshot)].map(([path, value]) => line(path, value, names, look));

/** What of the context changed, a line for each value. */
export function changedLines(
  before: AnyMachineSnapshot,
  after: AnyMachineSnapshot,
  names: Names,
  look: Look,
): string[] {
  const [old, now] = [flatContext(before), flatContext(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((path) => old.get(path) !== now.get(path))
    .map((path) => {
      const [was, is] = [clip(old.get(path) ?? '–', MOST_OF_OLD), now.get(path) ?? '–'];
      return line(path, `${was} → ${is}`, names, look);
    });
}
