import type { LookupAddress } from 'node:dns';
import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';

/** Names of a hosts file, in lower case, with their addresses in the order of the file. */
export type Hosts = ReadonlyMap<string, readonly LookupAddress[]>;

/** Bytes of a hosts file; what is longer is read as if it were empty, since it holds up whoever asks. */
const LARGEST = 1024 * 1024;

const NONE: Hosts = new Map();

/** Reads hosts(5): an address and one or more names a line; `#` begins a comment, and case does not count. */
export function parseHosts(text: string): Hosts {
  const hosts = new Map<string, LookupAddress[]>();
  for (const line of text.split(/\r?\n/)) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const family = isIP(address);
    if (family === 0) continue;
    for (const name of names.map((each) => each.toLowerCase())) {
      const known = hosts.get(name) ?? [];
      if (known.every((each) => each.address !== address)) hosts.set(name, [...known, { address, family }]);
    }
  }
  return hosts;
}

/**
 * A hosts file, read again when it has changed. It is read synchronously: it is small and in memory, and a thread of
 * libuv's pool would make names wait for whatever else those threads do.
 */
export class HostsFile {
  readonly #path: string;
  #version = '';
  #hosts = NONE;

  constructor(path: string) {
    this.#path = path;
  }

  /** The addresses of a name in lower case; empty when the file does not have it, or cannot be read. */
  addressesOf(name: string): readonly LookupAddress[] {
    try {
      const { ino, size, mtimeMs } = statSync(this.#path);
      const version = `${ino} ${size} ${mtimeMs}`;
      if (version !== this.#version) {
        this.#hosts = size > LARGEST ? NONE : parseHosts(readFileSync(this.#path, 'utf8'));
        this.#version = version;
      }
    } catch {
      this.#hosts = NONE;
      this.#version = '';
    }
    return this.#hosts.get(name) ?? [];
  }
}
