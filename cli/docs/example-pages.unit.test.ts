import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Code on a page that is a file's: a line with its path in backquotes and a colon, and the block after it. */
const quoted = globSync('docs/add-*.md', { cwd: root }).flatMap((page) =>
  [...read(page).matchAll(/^`([^`]+)`:\n\n```ts\n(.*?)\n```$/gms)].map(([, file, code]) => ({
    page,
    file: file!,
    code: code!,
  })),
);

it('there are pages with code', () => {
  expect(quoted.length).toBeGreaterThan(0);
});

it.each(quoted)('$page has the code of $file as it is', ({ file, code }) => {
  expect(code).toBe(read(file).trimEnd());
});
