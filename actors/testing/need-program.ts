import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { it } from '@jest/globals';

/** How a test is declared: its name, what it does, its timeout in milliseconds. */
export type DeclareTest = (name: string, test: () => Promise<void> | void, timeout?: number) => void;

interface Declare extends DeclareTest {
  readonly skip: DeclareTest;
}

/**
 * `it` for tests that run a program of the system's. Where the program is missing the test is skipped, and its
 * name says why; under `CI=true` it fails instead, so that nothing goes untested unnoticed.
 *
 * @param install the command that installs it, as the reader would type it.
 */
export function needProgram(
  program: string,
  install: string,
  env: NodeJS.ProcessEnv = process.env,
  declare: Declare = it,
): DeclareTest {
  if (isOnPath(program, env)) return declare;
  const reason = `needs ${program}: ${install}`;
  if (env.CI !== 'true') return (name, test, timeout) => declare.skip(`${name} (${reason})`, test, timeout);
  return (name) =>
    declare(name, () => {
      throw new Error(`This test ${reason}`);
    });
}

/** Whether a program can be started by its name. */
export function isOnPath(program: string, env: NodeJS.ProcessEnv = process.env): boolean {
  return (env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return directory !== '';
    } catch {
      return false;
    }
  });
}
