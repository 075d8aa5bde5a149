import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '../..');

/** Names of the tests, `latch.unit`, and of the scenarios and benches. */
const files = ['actors', 'bench', 'cli', 'e2e', 'gateways', 'phones', 'projections', 'tools']
  .flatMap((room) => readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }))
  .filter((file) => file.endsWith('.ts') && !file.includes('node_modules'))
  .map((file) => basename(file));

const page = readFileSync(join(root, 'docs/security.md'), 'utf8');
const named = [...new Set(page.match(/(?<=`)[\w-]+\.(?:unit|int|contract)(?=`)/g))];
const scenarios = [...new Set([...page.matchAll(/e2e `([\w-]+)`/g)].map(([, name]) => name!))];
const benches = [...new Set([...page.matchAll(/bench `([\w-]+)`/g)].map(([, name]) => name!))];

it.each(named)('the test that docs/security.md names is there: %s', (name) => {
  const file = name.endsWith('.contract') ? `${name}.ts` : `${name}.test.ts`;
  expect(files).toContain(file);
});

it.each(scenarios)('the scenario that docs/security.md names is there: %s', (name) => {
  expect(files).toContain(`${name}.e2e.test.ts`);
});

it.each(benches)('the bench that docs/security.md names is there: %s', (name) => {
  expect(files).toContain(`${name}.ts`);
});
