import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..');
const sources = [
  'proto',
  'actors',
  'gateways',
  'projections',
  'phones',
  'tools',
  'cli',
  'e2e',
  'bench',
].flatMap((workspace) =>
  globSync(`${workspace}/**/*.ts`, {
    cwd: root,
    exclude: (name) => /node_modules|generated/.test(String(name)),
  }),
);

it('no literal is spread into another one: it means nothing to the language, and every reader stops', () => {
  const spread = sources.filter((file) => /\.{3}\{/.test(readFileSync(join(root, file), 'utf8')));
  expect(spread).toEqual([]);
});
