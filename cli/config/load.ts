import { readFileSync } from 'node:fs';
import type { TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { TandemError } from '@tandem/actors/errors';
import { type CrossCheck, mainChecks, regionChecks } from './cross-checks.ts';
import { applyOverrides, keyOf, misspeltVariables, type Overridden } from './environment.ts';
import { formatFileError } from './file-error.ts';
import { MainConfig } from './main-config.ts';
import { RegionConfig } from './region-config.ts';
import { routingChecks } from './routing-checks.ts';
import { ConfigSource, type Problem } from './source.ts';
import { formatProblem, validate } from './validate.ts';

export type { MainConfig } from './main-config.ts';
export type { RegionConfig } from './region-config.ts';

/** The configurations by kind. */
export interface Configs {
  main: MainConfig;
  region: RegionConfig;
}
export type ConfigKind = keyof Configs;

/** The schemas by kind. */
export const schemas = { main: MainConfig, region: RegionConfig } as const satisfies Record<
  ConfigKind,
  TSchema
>;

const crossChecks: { [K in ConfigKind]: readonly CrossCheck<Configs[K]>[] } = {
  main: [...mainChecks, ...routingChecks],
  region: regionChecks,
};

/**
 * Reads a configuration file, puts the environment in (`${NAME}` in texts, `TANDEM_…` over keys), fills defaults
 * in and checks everything. The error names every problem there is, with its place and what to write.
 *
 * @throws config.unreadable
 * @throws config.invalid
 */
export function loadConfig<K extends ConfigKind>(
  kind: K,
  file: string,
  env: NodeJS.ProcessEnv = process.env,
): Configs[K] {
  return checkConfig(kind, file, readConfig(file), env);
}

/** As `loadConfig`, of a text that was read already; `file` is its name in messages. */
export function checkConfig<K extends ConfigKind>(
  kind: K,
  file: string,
  text: string,
  env: NodeJS.ProcessEnv = process.env,
): Configs[K] {
  const source = new ConfigSource(file, text, env);
  const overridden = applyOverrides(source.data, schemas[kind], env);
  const complete = { ...overridden, data: Value.Default(schemas[kind], overridden.data) };
  const problems = [...source.problems, ...misspeltVariables(Object.values(schemas), env)];
  // Of a text that the parser could not make sense of, everything would be reported as missing.
  if (source.data !== undefined) {
    const shape = validate(schemas[kind], complete, source);
    problems.push(...shape, ...conflicts(kind, complete, shape, source));
  }
  if (problems.length > 0) {
    throw new TandemError('config.invalid', { file, problems: problems.map(formatProblem).join('\n') });
  }
  return complete.data as Configs[K];
}

/**
 * Which kind of configuration a text is.
 *
 * @throws config.kind-unknown
 */
export function kindOf(file: string, text: string): ConfigKind {
  const keys = text.split('\n').map((line) => /^["']?(main|region)["']?\s*:/.exec(line)?.[1]);
  const kind = keys.find((key) => key !== undefined);
  if (!kind) throw new TandemError('config.kind-unknown', { file });
  return kind as ConfigKind;
}

/** @throws config.unreadable */
export function readConfig(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new TandemError('config.unreadable', { file, detail: formatFileError(error) }, { cause: error });
  }
}

function conflicts<K extends ConfigKind>(
  kind: K,
  { data, variables }: Overridden,
  shape: Problem[],
  source: ConfigSource,
) {
  const wrong = new Set(shape.map(({ path }) => path[0]));
  const isThere = (key: string): boolean => (data as Record<string, unknown>)[key] !== undefined;
  return (
    crossChecks[kind]
      // A key that was written with a slip is not there, and not reported under its own name either.
      .filter(({ reads }) => !wrong.has(undefined) && reads.every((key) => !wrong.has(key) && isThere(key)))
      .flatMap(({ find }) => find(data as Configs[K]))
      .map(
        ({ path, says }): Problem => ({
          place: variables.get(keyOf(path)) ?? source.placeOf(path),
          path,
          says,
        }),
      )
  );
}
