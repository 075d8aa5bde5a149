import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..');
const WORKSPACES = [
  'proto',
  'actors',
  'gateways',
  'projections',
  'phones',
  'cli',
  'e2e',
  'bench',
  'tools/media-worker',
];
/** Which workspaces the product code of each may use, besides its own: the floors of the house. */
const FLOORS: Readonly<Record<string, readonly string[]>> = {
  proto: [],
  'tools/media-worker': [],
  actors: ['proto'],
  gateways: ['proto', 'actors', 'tools/media-worker'],
  projections: ['proto', 'actors'],
  phones: ['proto', 'actors', 'gateways'],
  cli: ['proto', 'actors', 'gateways', 'projections', 'phones', 'tools/media-worker'],
};

interface Import {
  readonly file: string;
  /** What is imported, as a path from the root. */
  readonly target: string;
}

const sources = WORKSPACES.flatMap((workspace) =>
  globSync(`${workspace}/**/*.ts`, {
    cwd: root,
    exclude: (name) => /node_modules|generated/.test(String(name)),
  }),
).filter((file) => !file.endsWith('.d.ts'));
const isTest = (file: string): boolean =>
  /\.test\.ts$|\/testing\//.test(file) || /^(?:e2e|bench)\//.test(file);
const workspaceOf = (file: string): string =>
  WORKSPACES.find((workspace) => file.startsWith(`${workspace}/`)) ?? '';
const isRoom = (folder: string): boolean => existsSync(join(root, folder, 'index.ts'));

/** `@tandem/sip/message` names the door of a folder, `@tandem/actors/testing/given.ts` a file. */
function targetOf(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return normalize(join(dirname(file), specifier));
  if (!specifier.startsWith('@tandem/')) return undefined;
  const path = specifier.slice('@tandem/'.length).replace(/^media-worker/, 'tools/media-worker');
  return /\.\w+$/.test(path) ? path : `${path}/index.ts`;
}

const IMPORT =
  /(?:^|\n)(?:import|export)\b[^;'"]*?from '([^']+)'|\bimport\('([^']+)'\)|(?:^|\n)import '([^']+)'/g;
const imports: readonly Import[] = sources.flatMap((file) =>
  [...readFileSync(join(root, file), 'utf8').matchAll(IMPORT)].flatMap(([, from, loaded, run]) => {
    const target = targetOf(file, (from ?? loaded ?? run)!);
    return target?.endsWith('.ts') && !target.includes('/generated/') ? [{ file, target }] : [];
  }),
);

/** The outermost room that an import enters and that the importing file is not in. */
function roomEntered({ file, target }: Import): string | undefined {
  const parts = dirname(target).split('/');
  for (let length = 1; length <= parts.length; length++) {
    const folder = parts.slice(0, length).join('/');
    if (!`${dirname(file)}/`.startsWith(`${folder}/`) && isRoom(folder)) return folder;
  }
  return undefined;
}

/** Files that import each other in a circle, types included; empty when there are none. */
function circle(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    path.push(file);
    for (const target of edges.get(file) ?? []) {
      const found = visit(target);
      if (found.length > 0) return found;
    }
    path.pop();
    done.add(file);
    return [];
  };
  for (const file of edges.keys()) {
    const found = visit(file);
    if (found.length > 0) return found;
  }
  return [];
}

describe('rooms', () => {
  it('are all folders of product code that another folder uses', () => {
    const without = imports.filter(({ file, target }) => {
      const folder = dirname(target);
      return !isTest(file) && !`${dirname(file)}/`.startsWith(`${folder}/`) && !isRoom(folder);
    });
    expect(without).toEqual([]);
  });

  it('are entered by their door, index.ts; a test may look behind the doors of its own workspace', () => {
    const around = imports.filter((one) => {
      const room = roomEntered(one);
      const looksInside = isTest(one.file) && workspaceOf(one.file) === workspaceOf(one.target);
      return room !== undefined && !looksInside && one.target !== `${room}/index.ts` && !isTest(one.target);
    });
    expect(around).toEqual([]);
  });

  it('use only rooms of their own floor and of those below', () => {
    const up = imports.filter(({ file, target }) => {
      const [from, to] = [workspaceOf(file), workspaceOf(target)];
      return !isTest(file) && from !== to && !FLOORS[from]?.includes(to);
    });
    expect(up).toEqual([]);
  });

  it('use nothing that is there for tests', () => {
    expect(imports.filter(({ file, target }) => !isTest(file) && isTest(target))).toEqual([]);
  });

  it('and files do not use each other in a circle', () => {
    const edges = Map.groupBy(imports, ({ file }) => file);
    const targets = new Map([...edges].map(([file, all]) => [file, all.map(({ target }) => target)]));
    expect(circle(targets)).toEqual([]);
  });

  it('name at their door only what somebody outside takes', () => {
    const taken = new Set<string>();
    for (const file of sources) {
      const text = readFileSync(join(root, file), 'utf8');
      for (const [, names, specifier] of text.matchAll(
        /\{([^{}]*)\}\s*(?:from|=\s*await import\()\s*'([^']+)'/g,
      )) {
        const target = targetOf(file, specifier!);
        if (target?.endsWith('/index.ts'))
          for (const name of names!.split(','))
            taken.add(
              `${target} ${name
                .trim()
                .replace(/^type /, '')
                .replace(/(?: as |:).*/, '')}`,
            );
      }
    }
    const unused = sources
      .filter((file) => file.endsWith('/index.ts'))
      .flatMap((door) =>
        [...readFileSync(join(root, door), 'utf8').matchAll(/export(?: type)? \{([^}]*)\}/g)].flatMap(
          ([, names]) =>
            names!
              .split(',')
              .map((name) => name.trim().replace(/^type /, ''))
              .filter((name) => name !== '' && !taken.has(`${door} ${name}`))
              .map((name) => `${door} ${name}`),
        ),
      );
    expect(unused).toEqual([]);
  });
});
