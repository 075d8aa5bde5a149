import { CommanderError } from 'commander';
import { createProgram } from './program.ts';
import { describeFailure } from './report-error.ts';

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
