import { KindGuard, type TSchema } from '@sinclair/typebox';
import { nearest } from '@tandem/actors/text';
import { parse } from 'yaml';
import type { KeyPath, Problem } from './source.ts';

/** Variables that are no configuration keys. */
const OTHERS = ['TANDEM_LOG'];

/** A key that an environment variable overrides. */
export interface Override {
  readonly variable: string;
  readonly path: readonly string[];
  readonly schema: TSchema;
}

/** Every key that a variable overrides: all but the lists of groups. `media.silenceLimit`: TANDEM_MEDIA_SILENCE_LIMIT. */
export function overridesOf(schema: TSchema, path: readonly string[] = []): Override[] {
  if (KindGuard.IsObject(schema)) {
    return Object.entries(schema.properties).flatMap(([key, inner]) => overridesOf(inner, [...path, key]));
  }
  if (KindGuard.IsArray(schema) && KindGuard.IsObject(schema.items)) return [];
  return [{ variable: variableOf(path), path, schema }];
}

const variableOf = (path: readonly string[]): string =>
  `TANDEM_${path.map((key) => key.replaceAll(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase()).join('_')}`;

/** The data with the environment's values in it, and which variable each of them came from. */
export interface Overridden {
  readonly data: unknown;
  readonly variables: ReadonlyMap<string, string>;
}

/** Puts the environment's values into the data of a file. Texts are taken as they are, all else is read as YAML. */
export function applyOverrides(data: unknown, schema: TSchema, env: NodeJS.ProcessEnv): Overridden {
  const result = structuredClone(data);
  const variables = new Map<string, string>();
  if (!isRecord(result)) return { data: result, variables };
  for (const override of overridesOf(schema)) {
    const text = env[override.variable];
    if (text === undefined) continue;
    set(result, override.path, KindGuard.IsString(override.schema) ? text : readYaml(text));
    variables.set(keyOf(override.path), override.variable);
  }
  return { data: result, variables };
}

/** Variables that look like a slip in the name of one that is known. */
export function misspeltVariables(schemas: readonly TSchema[], env: NodeJS.ProcessEnv): Problem[] {
  const known = [
    ...schemas.flatMap((schema) => overridesOf(schema)).map(({ variable }) => variable),
    ...OTHERS,
  ];
  return Object.keys(env)
    .filter((name) => name.startsWith('TANDEM_') && !known.includes(name))
    .flatMap((name) => {
      const meant = nearest(name, known, 2);
      return meant
        ? [{ place: name, path: [], says: `no such variable is known; did you mean ${meant}?` }]
        : [];
    });
}

/** A path as one text, to look it up by. */
export const keyOf = (path: KeyPath): string => path.join('.');

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function set(data: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let at = data;
  for (const key of path.slice(0, -1)) {
    const inner = at[key];
    if (!isRecord(inner)) at[key] = {};
    at = at[key] as Record<string, unknown>;
  }
  at[path.at(-1)!] = value;
}

function readYaml(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return text;
  }
}
