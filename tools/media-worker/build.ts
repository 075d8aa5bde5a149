import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DEFINES, FLAGS, LIBRARIES, NEEDED } from './recipe.ts';
import { SHIMS } from './sources.ts';

const isThere = (need: (typeof NEEDED)[number]): boolean => {
  const [command, ...args] = 'probe' in need ? need.probe : ['g++', '-E', '-x', 'c++', '-'];
  const input = 'header' in need ? `#include <${need.header}>\n` : '';
  return spawnSync(command, args, { input, stdio: ['pipe', 'ignore', 'ignore'] }).status === 0;
};

/** Debian packages that must be installed before a worker can be built here. */
export const missingPackages = (): string[] =>
  NEEDED.filter((need) => !isThere(need)).map((need) => need.package);

/** What its build file lists for every kind of build, so that this needs no list of its own. */
const listed = (text: string, name: string): string[] => {
  const list = new RegExp(`^${name} = \\[\\n([^\\]]*)\\]`, 'm').exec(text)?.[1];
  if (list === undefined) throw new Error(`meson.build of this mediasoup has no list ${name}`);
  return [...list.matchAll(/'([^']+)'/g)].map(([, file]) => file!);
};

const endianness = (): string =>
  new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? '-DMS_LITTLE_ENDIAN' : '-DMS_BIG_ENDIAN';

/** Runs a command at low priority; its errors become the failure's message. */
const run = (command: string, args: readonly string[], signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn('nice', ['-n', '10', command, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      signal,
    });
    let errors = '';
    child.stderr.on('data', (data: Buffer) => {
      if (errors.length < 10_000) errors += data;
    });
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve();
      else reject(new Error(`${command} ${args.at(-1)} failed (status ${status}): ${errors.trim()}`));
    });
  });

export interface BuildOptions {
  /** mediasoup's folder, with its sources in worker/. */
  readonly source: string;
  /** The binary that is made. */
  readonly into: string;
  /** Compilers that run at the same time. */
  readonly jobs: number;
  readonly onProgress: (compiled: number, of: number) => void;
  /** Gives the build up; nothing of it is left. */
  readonly signal: AbortSignal;
}

/**
 * Compiles mediasoup's worker from the sources of its npm package against the system's libraries.
 *
 * @throws Error with what the compiler said
 */
export const buildWorker = async ({
  source,
  into,
  jobs,
  onProgress,
  signal,
}: BuildOptions): Promise<void> => {
  const worker = join(source, 'worker');
  const folder = `${into}.building-${process.pid}`;
  const generated = join(folder, 'generated');
  // One file that cannot be compiled ends the others' compilers, too.
  const failed = new AbortController();
  const ended = AbortSignal.any([signal, failed.signal]);
  mkdirSync(join(generated, 'FBS'), { recursive: true });
  try {
    const schemas = listed(readFileSync(join(worker, 'fbs/meson.build'), 'utf8'), 'flatbuffers_schemas');
    await run('flatc', [
      '--cpp',
      '--cpp-field-case-style',
      'lower',
      '--reflect-names',
      '--scoped-enums',
      '--filename-suffix',
      '',
      '-o',
      join(generated, 'FBS'),
      ...schemas.map((schema) => join(worker, 'fbs', schema)),
    ]);
    const include = [SHIMS, join(worker, 'include'), generated].map((path) => `-I${path}`);
    const sources = [
      ...listed(readFileSync(join(worker, 'meson.build'), 'utf8'), 'common_sources'),
      'src/main.cpp',
    ];
    const objects = sources.map((file) => join(folder, `${file.replaceAll('/', '_')}.o`));
    let next = 0;
    let compiled = 0;
    const compileInTurn = async (): Promise<void> => {
      for (let i = next++; i < sources.length; i = next++) {
        const files = ['-o', objects[i]!, '-c', join(worker, sources[i]!)];
        await run('g++', [...FLAGS, ...DEFINES, endianness(), ...include, ...files], ended);
        compiled += 1;
        onProgress(compiled, sources.length);
      }
    };
    await Promise.all(Array.from({ length: jobs }, compileInTurn));
    const binary = join(folder, 'mediasoup-worker');
    await run('g++', ['-s', '-o', binary, ...objects, ...LIBRARIES], ended);
    renameSync(binary, into);
  } finally {
    failed.abort();
    rmSync(folder, { recursive: true, force: true });
  }
};
