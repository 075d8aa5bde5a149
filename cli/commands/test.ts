import type { Command } from 'commander';

export function registerTest(program: Command): void {
  program
    .command('test')
    .description('Check everything: lint, types, unit tests, integration tests, scenarios with real peers.')
    .addHelpText(
      'after',
      `
The last line is the sum: "N passed, N failed, N skipped". A test that needs a program which is not installed
is skipped and says so; with CI=true in the environment that is a failure.

Examples:
  tandem test
  CI=true tandem test
  npm run jest -- cli/log.unit.test.ts     one test file alone`,
    )
    .action(async () => {
      const { check } = await import('../check/index.ts');
      process.exitCode = (await check()) ? 0 : 1;
    });
}
