import type { ErrorDefinition } from '@tandem/actors/errors';
import { code, page, prose, table } from './markdown.ts';

/** The reference page of all errors, by area. */
export function errorsPage(registry: Readonly<Record<string, ErrorDefinition<never>>>): string {
  const areas = Map.groupBy(Object.entries(registry), ([name]) => name.split('.')[0]!);
  return page('Errors', 'actors/errors/', [
    'Every error has a code that stays the same from version to version. It is in the JSON that REST answers with, in the events of a call’s history, in the log, and at the end of what `tandem` prints. What stands in braces is filled in.',
    ...[...areas]
      .sort(([a], [b]) => a.localeCompare(b))
      .flatMap(([area, entries]) => [
        `## ${area}`,
        table(
          ['Code', 'HTTP', 'Message', 'What to do'],
          entries.map(([name, entry]) => [
            code(name),
            String(entry.status),
            prose(messageOf(name, entry)),
            prose(entry.remedy),
          ]),
        ),
      ]),
  ]);
}

/**
 * The message with the parameters' names in the place of their values. Each stands in a list of one, which prints
 * as the name itself and can be joined and mapped as the values of some parameters are.
 */
function messageOf(name: string, { says }: ErrorDefinition<never>): string {
  try {
    return says(new Proxy({}, { get: (_, key) => [`{${String(key)}}`] }) as never);
  } catch (error) {
    throw new Error(`The message of ${name} cannot be made from the names of its parameters.`, {
      cause: error,
    });
  }
}
