import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const main = join(import.meta.dirname, 'main.ts');
const examples = join(import.meta.dirname, 'config', 'examples');

function tandem(args: string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...env },
  });
  return { status, stdout, stderr };
}

describe('tandem', () => {
  it('explains itself and each of its commands, with an example', () => {
    const { status, stdout } = tandem(['--help']);
    expect(status).toBe(0);
    const commands = [...stdout.matchAll(/^ {2}([a-z]+)(?: .*)? {2,}\S/gm)]
      .map((found) => found[1]!)
      .filter((name) => !['help', 'tandem', 'config'].includes(name));
    expect(commands).toEqual(expect.arrayContaining(['test', 'main', 'region']));
    for (const name of commands) {
      const help = tandem([name, '--help']);
      expect({ name, status: help.status }).toEqual({ name, status: 0 });
      expect(help.stdout).toMatch(/^Examples?:\n {2}\S/m);
    }
  });

  it.each([
    [['tset'], /unknown command 'tset'\n\(Did you mean test\?\)/],
    [['config', 'chekc', 'x.yaml'], /Did you mean check\?/],
    [['main'], /missing required argument 'file'/],
    [['test', '--fats'], /unknown option '--fats'/],
  ])('%j is wrong usage: status 2, and what would be right', (args, says) => {
    const { status, stderr } = tandem(args);
    expect(status).toBe(2);
    expect(stderr).toMatch(says);
  });

  it('says in one message what an error of the registry is, with its code and without a stack', () => {
    const { status, stderr } = tandem(['main', 'nowhere.yaml']);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^tandem: The configuration file nowhere.yaml cannot be read: .*\[config.unreadable\]\n$/,
    );
  });

  it('checks a configuration file with the environment that it is given', () => {
    const file = join(examples, 'region.yaml');
    expect(tandem(['config', 'check', file], { CARRIER_PASSWORD: 'open sesame' })).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(
        / is in order \(a region\)\.\nMedia is at \S+: .* IPv4 .* IPv6 .* 488\.\n$/,
      ),
    });
    const { status, stderr } = tandem(['config', 'check', file]);
    expect(status).toBe(1);
    expect(stderr).toContain('the environment has no variable CARRIER_PASSWORD');
  });
});
