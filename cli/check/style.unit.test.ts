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

it('each exported type and class of product code has a name of its own', () => {
  const exported = Map.groupBy(
    sources
      .filter((file) => !/\.test\.ts$|\/testing\/|^(?:e2e|bench)\//.test(file))
      .flatMap((file) =>
        [
          ...readFileSync(join(root, file), 'utf8').matchAll(
            /^export (?:abstract )?(?:class|interface|type) (\w+)/gm,
          ),
        ].map(([, name]) => ({ name: name!, file })),
      ),
    ({ name }) => name,
  );
  const shared = [...exported].filter(([, places]) => new Set(places.map(({ file }) => file)).size > 1);
  expect(shared.map(([name, places]) => `${name}: ${places.map(({ file }) => file).join(', ')}`)).toEqual([]);
});
