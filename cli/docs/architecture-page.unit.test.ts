import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'architecture.md'), 'utf8');
const lines = [...page.matchAll(/^\| `([^`]+)`( •)? \| /gm)].map(([, folder, room]) => ({
  folder: folder!,
  isRoom: room !== undefined,
}));

it('the code map has a line for each room', () => {
  const rooms = ['actors', 'gateways', 'projections', 'phones', 'cli', 'tools']
    .flatMap((workspace) =>
      globSync(`${workspace}/**/index.ts`, { cwd: root, exclude: ['**/node_modules/**'] }),
    )
    .map((door) => dirname(door));
  expect(
    lines
      .filter(({ isRoom }) => isRoom)
      .map(({ folder }) => folder)
      .sort(),
  ).toEqual(rooms.sort());
});

it.each(lines)('$folder, which the code map names, is there', ({ folder }) => {
  expect(existsSync(join(root, folder))).toBe(true);
});
