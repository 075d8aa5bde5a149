import { CommanderError } from 'commander';
import { describeFailure } from './command-line/index.ts';
import { createProgram } from './program.ts';

const FAILED = 1;
const USAGE = 2;

try {
  await createProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : USAGE;
  } else {
    console.error(describeFailure(error));
    process.exitCode = FAILED;
  }
}
