import { KindGuard, type TSchema } from '@sinclair/typebox';
import type { ConfigKind } from '../config/index.ts';
import { type KeyOptions, overridesOf, writeOf } from '../config/index.ts';
import { code, page, prose, table } from './markdown.ts';

/** The reference page of all configuration keys. */
export function configurationPage(
  schemas: Readonly<Record<ConfigKind, TSchema>>,
  examples: Readonly<Record<ConfigKind, string>>,
): string {
  return page('Configuration', 'the schemas in cli/config/', [
    'A process reads one YAML file: `tandem main FILE` runs a main region, `tandem region FILE` a region with its first gateway, `tandem gateway FILE` a further gateway of one (its file is a region’s with `link.border`). The file is checked before anything starts, and `tandem config check FILE` does only that. All that is wrong is said at once, with file, line, column and what to write instead. Paths are relative to the directory in which the process is started.',
    '## The environment',
    '`${NAME}` in a text of the file stands for the environment variable of that name; keep secrets there. `$${NAME}` stands for the characters themselves. Within `{ }` write it in quotes: `{ authToken: "${TOKEN}" }`.',
    "A variable whose name begins with `TANDEM_` overrides one key, also one that is not in the file; the tables name it. Keys that are not texts are read as YAML: `TANDEM_REGIONS='[ie1, us1]'`.",
    '`TANDEM_LOG` sets the lowest level that is logged: trace, debug, info (the default), warn, error, fatal, silent. The log goes to standard error: lines for people on a terminal, JSON otherwise.',
    '## A main region',
    fenced(examples.main),
    ...tables(schemas.main),
    '## A region',
    fenced(examples.region),
    ...tables(schemas.region),
  ]);
}

const fenced = (yaml: string): string => `\`\`\`yaml\n${yaml.trimEnd()}\n\`\`\``;

interface Row {
  readonly key: string;
  readonly schema: TSchema;
  /** What happens when it is not written and has no default. */
  readonly unset: string;
}

/** One table for the file's own keys, and one for the entries of each list of groups, lists in those included. */
function tables(schema: TSchema): string[] {
  const variables = new Map(overridesOf(schema).map(({ path, variable }) => [path.join('.'), variable]));
  const rows = rowsOf(schema);
  return [keyTable(rows, variables), ...entryTables(rows)];
}

function entryTables(rows: readonly Row[], within = ''): string[] {
  return rows.flatMap(({ key, schema: list }) => {
    if (!KindGuard.IsArray(list) || !KindGuard.IsObject(list.items)) return [];
    const entries = rowsOf(list.items);
    const name = `${within}${key}`;
    return [
      `Each entry of ${code(name)}:`,
      keyTable(entries, new Map()),
      ...entryTables(entries, `${name}[].`),
    ];
  });
}

function rowsOf(schema: TSchema, prefix = '', mustHave = 'none; write it'): Row[] {
  if (!KindGuard.IsObject(schema)) return [];
  return Object.entries(schema.properties).flatMap(([name, inner]) => {
    const key = prefix + name;
    const required = (schema.required ?? []).includes(name);
    if (KindGuard.IsObject(inner)) {
      return rowsOf(inner, `${key}.`, required ? mustHave : `none; write it when there is ${code(key)}`);
    }
    return [{ key, schema: inner, unset: required ? mustHave : 'not set' }];
  });
}

function keyTable(rows: readonly Row[], variables: ReadonlyMap<string, string>): string {
  const withVariables = variables.size > 0;
  return table(
    ['Key', 'Meaning', 'Write', 'Default', ...(withVariables ? ['Variable'] : [])],
    rows.map(({ key, schema, unset }) => [
      code(key),
      prose((schema as unknown as KeyOptions).description),
      prose(
        KindGuard.IsArray(schema) && KindGuard.IsObject(schema.items) ? 'a list; see below' : writeOf(schema),
      ),
      schema.default === undefined ? unset : code(JSON.stringify(schema.default)),
      ...(withVariables ? [variables.has(key) ? code(variables.get(key)!) : ''] : []),
    ]),
  );
}
