import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

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

describe('the life of a call', () => {
  const life = page.slice(page.indexOf('## The life of a call'), page.indexOf('## Who closes what'));
  const rows = [...life.matchAll(/^\| (?!What|---)[^|]+ \| ([^|]+) \| ([^|]*) \|$/gm)];
  const quoted = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);

  it('has its events in the order in which a real call had them', () => {
    const recorded: readonly { type: string }[] = JSON.parse(
      readFileSync(join(root, 'actors/history/fixtures/one-region.0.1.json'), 'utf8'),
    ).events;
    let at = 0;
    const notInOrder = rows
      .flatMap(([, , events]) => quoted(events!))
      .filter((event) => {
        const found = recorded.findIndex(({ type }, index) => index >= at && type === event);
        if (found !== -1) at = found + 1;
        return found === -1;
      });
    expect(notInOrder).toEqual([]);
    expect(at).toBe(recorded.length);
  });

  it.each([
    ...new Set(
      [...page.slice(page.indexOf('## The life of a call')).matchAll(/`([a-z-]+\/[^`]+)`/g)].map(
        ([, file]) => file!,
      ),
    ),
  ])('names %s, which is there', (file) => expect(existsSync(join(root, file))).toBe(true));
});
