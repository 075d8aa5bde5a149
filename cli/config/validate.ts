import { KindGuard, type TSchema } from '@sinclair/typebox';
import { Value, type ValueError, ValueErrorType } from '@sinclair/typebox/value';
import { nearest } from '@tandem/actors/text';
import { keyOf, type Overridden } from './environment.ts';
import { type KeyOptions, writeOf } from './fields.ts';
import type { ConfigSource, KeyPath, Problem } from './source.ts';

/** Everything that is wrong with the shape of the data, in the order of the file's keys. */
export function validate(schema: TSchema, { data, variables }: Overridden, source: ConfigSource): Problem[] {
  const errors = [...Value.Errors(schema, data)];
  const unknown = errors.filter(({ type }) => type === ValueErrorType.ObjectAdditionalProperties);
  const meant = new Set(
    unknown.map((error) => keyOf([...pathOf(error).slice(0, -1), suggestionFor(error, schema) ?? ''])),
  );
  const seen = new Set<string>();
  return errors.flatMap((error): Problem[] => {
    const path = pathOf(error);
    const key = keyOf(path);
    if (seen.has(key)) return [];
    seen.add(key);
    if (error.type === ValueErrorType.ObjectAdditionalProperties) {
      return [{ place: source.placeOfKey(path), path, says: unknownKey(error, schema) }];
    }
    // A key that was written with a slip is not missing as well.
    if (error.value === undefined && meant.has(key)) return [];
    const variable = variables.get(key);
    const says = `${written(error, variable ? undefined : source.writtenAt(path))}; write ${adviceFor(error)}.`;
    return [{ place: variable ?? source.placeOf(path), path, says }];
  });
}

/** One line for a problem: place, key and what to do. */
export const formatProblem = ({ place, path, says }: Problem): string =>
  `  ${place}  ${[formatKeyPath(path), says].filter(Boolean).join(' ')}`;

/** `accounts[0].sid` */
export const formatKeyPath = (path: KeyPath): string =>
  path.reduce<string>(
    (said, key) => (typeof key === 'number' ? `${said}[${key}]` : said ? `${said}.${key}` : key),
    '',
  );

const pathOf = ({ path }: ValueError): (string | number)[] =>
  path
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key));

function unknownKey(error: ValueError, root: TSchema): string {
  const meant = suggestionFor(error, root);
  if (meant) return `is no key that is known here; did you mean "${meant}"?`;
  return `is no key that is known here; the keys are ${keysAround(error, root).join(', ')}.`;
}

const suggestionFor = (error: ValueError, root: TSchema): string | undefined =>
  nearest(String(pathOf(error).at(-1)), keysAround(error, root));

/** The keys that are known where an unknown one stands. */
function keysAround(error: ValueError, root: TSchema): string[] {
  const parent = pathOf(error)
    .slice(0, -1)
    .reduce<TSchema | undefined>((schema, key) => {
      if (KindGuard.IsArray(schema)) return schema.items;
      return KindGuard.IsObject(schema) ? schema.properties[key] : undefined;
    }, root);
  return KindGuard.IsObject(parent) ? Object.keys(parent.properties) : [];
}

/** What was written. `text` is how it stands in the file. */
function written({ value, schema }: ValueError, text: string | undefined): string {
  if (value === undefined) return 'is missing';
  if (value === null) return 'is empty';
  if (Array.isArray(value)) return value.length === 0 ? 'is an empty list' : 'is not a list as it should be';
  if (typeof value === 'object') return 'is a group of keys';
  if ((schema as unknown as KeyOptions).secret) return 'is not in the right form (its value is not shown)';
  return `is ${text ?? JSON.stringify(value)}`;
}

/** What to write instead. YAML reads +15550100 and 0123 as numbers, which is no fault of the writer's. */
function adviceFor({ value, schema }: ValueError): string {
  const quotes = KindGuard.IsString(schema) && (typeof value === 'number' || typeof value === 'boolean');
  return `${writeOf(schema)}${quotes ? ', and put it in quotes' : ''}`;
}
