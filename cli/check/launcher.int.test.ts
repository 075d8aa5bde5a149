import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isOnPath } from '@tandem/actors/testing/need-program.ts';

// The launcher in a tree of its own, with stand-ins for Node and npm, and nothing else of this machine's on the
// PATH than the small programs that it uses. What they stand in for is tried by every clone that runs the tests.
const TOOLS = [
  'sh',
  'cat',
  'chmod',
  'cmp',
  'cp',
  'cut',
  'dirname',
  'du',
  'find',
  'grep',
  'ln',
  'mkdir',
  'mv',
  'readlink',
];
const MORE_TOOLS = ['rm', 'sed', 'sleep', 'tail', 'touch', 'uname'];

const NODE = `#!/bin/sh
case $1 in
  --version) echo v24.21.0 ;;
  */ensure.ts) echo worker >> "$CALLS"; echo "about the worker\${TANDEM_NO_SYSTEM_PACKAGES:+, packages declined}" >&2; [ -e "$WORKER" ] && echo "$WORKER" || exit 3 ;;
  *) echo "node in $PWD runs $*" ;;
esac
`;
const NPM = `#!/bin/sh
[ "$1" = --version ] || echo "$*" >> "$CALLS"
case $1 in
  ci) until [ ! -e "$HOLD" ]; do sleep 0.05; done; mkdir -p node_modules/.bin ;;
  rebuild) cp "$STAND_IN_NODE" node_modules/.bin/node ;;
  run) mkdir -p proto/generated; touch proto/generated/events.ts; cp package-lock.json node_modules/.installed-lock ;;
esac
`;

let scratch: string;
let tree: string;
let bin: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'tandem-launcher-'));
  [tree, bin] = [join(scratch, 'tree'), join(scratch, 'bin')];
  await mkdir(join(tree, 'proto'), { recursive: true });
  await mkdir(bin);
  await copyFile(join(import.meta.dirname, '..', '..', 'tandem'), join(tree, 'tandem'));
  await writeFile(join(tree, 'package-lock.json'), '{}');
  await writeFile(join(tree, 'proto', 'events.proto'), '');
  for (const tool of [...TOOLS, ...MORE_TOOLS]) await symlink(pathOf(tool), join(bin, tool));
  await program('node', NODE);
  await program('npm', NPM);
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(scratch, { recursive: true, force: true });
});

async function program(name: string, text: string): Promise<void> {
  await writeFile(join(bin, name), text);
  await chmod(join(bin, name), 0o755);
}

const pathOf = (tool: string): string =>
  process.env
    .PATH!.split(':')
    .map((directory) => join(directory, tool))
    .find(existsSync)!;

const npmCalls = async (): Promise<string[]> =>
  existsSync(join(scratch, 'calls'))
    ? (await readFile(join(scratch, 'calls'), 'utf8')).trim().split('\n')
    : [];

/** Starts the launcher; `says` waits for something on its standard error, `ended` for its end. */
function launch({ path = join(tree, 'tandem'), cwd = scratch, args = ['demo'] } = {}) {
  const child = spawn(path, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: bin,
      HOME: scratch,
      CALLS: join(scratch, 'calls'),
      HOLD: join(scratch, 'hold'),
      STAND_IN_NODE: join(bin, 'node'),
      WORKER: join(scratch, 'mediasoup-worker'),
    },
  });
  children.push(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    output.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output.stderr += chunk;
  });
  const ended = new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) =>
    child.on('close', (status) => resolve({ status, ...output })),
  );
  const says = (text: string) =>
    new Promise<void>((resolve) => {
      const look = () => output.stderr.includes(text) && resolve();
      child.stderr.on('data', look);
      look();
    });
  return { child, ended, says };
}

const STEPS = [expect.stringMatching(/^ci /), expect.stringMatching(/^rebuild node/), 'run prepare'];

describe.each(['sh', 'bash'].filter((shell) => isOnPath(shell)))('the launcher, run by %s', (shell) => {
  beforeEach(async () => {
    await rm(join(bin, 'sh'));
    await symlink(pathOf(shell), join(bin, 'sh'));
    const text = await readFile(join(tree, 'tandem'), 'utf8');
    await writeFile(join(tree, 'tandem'), text.replace('#!/bin/sh', `#!${join(bin, 'sh')}`));
  });

  it('installs what is missing, says so, and starts the command where it was called', async () => {
    const { status, stdout, stderr } = await launch({ args: ['call', 'two words'] }).ended;
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: `node in ${scratch} runs ${join(tree, 'cli/main.ts')} call two words\n`,
    });
    expect(stderr).toContain('tandem: installing the packages of package-lock.json');
    expect(await npmCalls()).toEqual(STEPS);
    expect(existsSync(join(tree, '.tandem', 'install.lock'))).toBe(false);
  });

  it('installs nothing the second time, also through symbolic links, without npm and from elsewhere', async () => {
    await launch().ended;
    await rm(join(bin, 'npm'));
    await rm(join(bin, 'node'));
    await symlink('tree/tandem', join(scratch, 'one'));
    await symlink(join(scratch, 'one'), join(bin, 'two'));
    const { status, stdout, stderr } = await launch({ path: join(bin, 'two'), cwd: tree }).ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(`node in ${tree} runs ${join(tree, 'cli/main.ts')} demo`);
    expect(await npmCalls()).toHaveLength(STEPS.length);
  });

  it('installs again when package-lock.json has changed', async () => {
    await launch().ended;
    await writeFile(join(tree, 'package-lock.json'), '{ "changed": true }');
    await launch().ended;
    expect(await npmCalls()).toEqual([...STEPS, ...STEPS]);
  });

  it('generates code again, and does no more, when a .proto file is newer than it', async () => {
    await launch().ended;
    const later = Date.now() / 1000 + 10;
    await utimes(join(tree, 'proto', 'events.proto'), later, later);
    await launch().ended;
    expect(await npmCalls()).toEqual([...STEPS, 'run prepare']);
  });

  it('installs once when it is started twice at the same time', async () => {
    await writeFile(join(scratch, 'hold'), '');
    const first = launch();
    await first.says('installing the packages');
    const second = launch();
    await second.says('another tandem');
    await rm(join(scratch, 'hold'));
    const both = await Promise.all([first.ended, second.ended]);
    expect(both.map(({ status }) => status)).toEqual([0, 0]);
    expect(await npmCalls()).toEqual(STEPS);
  });

  it('takes over from one that died while it was installing', async () => {
    await mkdir(join(tree, '.tandem'));
    const gone = spawn(process.execPath, ['--version']);
    await new Promise((resolve) => gone.on('close', resolve));
    await symlink(String(gone.pid), join(tree, '.tandem', 'install.lock'));
    expect((await launch().ended).status).toBe(0);
  });

  describe('where mediasoup’s worker has to be got', () => {
    const setUp = join('tools', 'media-worker');

    beforeEach(async () => {
      await mkdir(join(tree, setUp), { recursive: true });
      await writeFile(join(tree, setUp, 'ensure.ts'), '');
    });

    it('is told when system packages are declined, and looks again once they are not', async () => {
      const declined = await launch({ args: ['--no-system-packages', 'demo'] }).ended;
      expect(declined.stdout).toContain(`runs ${join(tree, 'cli/main.ts')} demo`);
      expect(declined.stderr).toContain('packages declined');
      expect((await launch({ args: ['--no-system-packages', 'demo'] }).ended).stderr).toBe('');
      expect((await launch().ended).stderr).not.toContain('packages declined');
      expect((await launch().ended).stderr).toBe('');
      expect(await npmCalls()).toEqual([...STEPS, 'worker', 'worker']);
    });

    it('has it got once', async () => {
      await program('../mediasoup-worker', '');
      expect((await launch().ended).stderr).toContain('about the worker');
      expect((await launch().ended).stderr).toBe('');
      expect(await npmCalls()).toEqual([...STEPS, 'worker']);
    });

    it('starts without it, and looks again when what builds it is there', async () => {
      expect((await launch().ended).status).toBe(0);
      expect(await launch().ended).toMatchObject({ status: 0, stderr: '' });
      for (const tool of ['g++', 'flatc']) await program(tool, '');
      expect((await launch().ended).stderr).toContain('about the worker');
      expect(await npmCalls()).toEqual([...STEPS, 'worker', 'worker']);
    });
  });

  it('leaves no lock behind when it is stopped while it installs, and does not wait for npm', async () => {
    await writeFile(join(scratch, 'hold'), '');
    const stopped = launch();
    await stopped.says('installing the packages');
    stopped.child.kill('SIGTERM');
    expect((await stopped.ended).status).toBe(143);
    expect(existsSync(join(tree, '.tandem', 'install.lock'))).toBe(false);
  });
});

describe('the launcher says what to do', () => {
  const complaint = async () => {
    const { status, stderr } = await launch().ended;
    expect(status).toBe(1);
    return stderr;
  };

  it('without npm', async () => {
    await rm(join(bin, 'npm'));
    expect(await complaint()).toMatch(/npm is not here.*Install Node 18 or newer with npm/);
  });

  it('with a Node that is too old', async () => {
    await program('node', '#!/bin/sh\necho v16.20.2\n');
    expect(await complaint()).toMatch(/Node 16 with its npm is too old .* Install Node 18 or newer/);
  });

  it('offline', async () => {
    await program(
      'npm',
      '#!/bin/sh\n[ "$1" = --version ] && exit\necho npm error code EAI_AGAIN >&2; exit 1\n',
    );
    expect(await complaint()).toMatch(/npm ci could not reach the npm registry. Connect this machine/);
  });

  it('when an install fails for another reason, with the end of its output', async () => {
    await program('npm', '#!/bin/sh\n[ "$1" = --version ] && exit\necho disk full >&2; exit 7\n');
    expect(await complaint()).toMatch(
      /disk full\ntandem: npm ci failed \(status 7\); its whole output is in .*install.log/,
    );
  });

  it('when the tree cannot be written to', async () => {
    await writeFile(join(tree, '.tandem'), 'a file, so that no directory can be made');
    expect(await complaint()).toMatch(/cannot be written to.*Make it writable/);
  });

  it('when Node 24 does not run on this machine', async () => {
    await program('npm', NPM.replace('cp "$STAND_IN_NODE" node_modules/.bin/node', ':'));
    expect(await complaint()).toMatch(/has no Node 24 that runs on this machine/);
  });
});
