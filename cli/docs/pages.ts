import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { registry } from '@tandem/actors/errors';
import { kinds } from '@tandem/actors/machines/kinds';
import { schemas } from '../config/index.ts';
import { configurationPage } from './configuration-page.ts';
import { errorsPage } from './errors-page.ts';
import { eventsPage } from './events-page.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (...path: string[]) => readFileSync(join(root, ...path), 'utf8');
const example = (kind: string) => read('cli', 'config', 'examples', `${kind}.yaml`);

/** A page of docs/ that is generated, and what it should hold. */
export interface GeneratedPage {
  /** Absolute path. */
  readonly file: string;
  readonly content: () => string;
}

export const generatedPages: readonly GeneratedPage[] = [
  {
    file: join(root, 'docs', 'configuration.md'),
    content: () => configurationPage(schemas, { main: example('main'), region: example('region') }),
  },
  { file: join(root, 'docs', 'errors.md'), content: () => errorsPage(registry) },
  {
    file: join(root, 'docs', 'events.md'),
    content: () =>
      eventsPage(
        read('proto', 'events.proto'),
        [...kinds.values()].map(({ name, machine }) => ({ name, takes: machine.events.map(String) })),
      ),
  },
];
