import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DECLINED, installPackages, mayInstall } from './system-packages.ts';

const debian = 'PRETTY_NAME="Debian GNU/Linux 13"\nID=debian\n';

describe('whether packages may be installed', () => {
  it.each<[string, boolean, Parameters<typeof mayInstall>[0]]>([
    ['as root on Debian', true, { uid: 0, osRelease: debian, env: {} }],
    ['as root on Ubuntu', true, { uid: 0, osRelease: 'ID=ubuntu\nID_LIKE=debian\n', env: {} }],
    [
      'as root on what is like them',
      true,
      { uid: 0, osRelease: 'ID=pop\nID_LIKE="ubuntu debian"\n', env: {} },
    ],
    ['as anybody else', false, { uid: 1000, osRelease: debian, env: {} }],
    ['when that was declined', false, { uid: 0, osRelease: debian, env: { [DECLINED]: '1' } }],
    ['on another system', false, { uid: 0, osRelease: 'ID=fedora\n', env: {} }],
    ['where nothing says what system it is', false, { uid: 0, osRelease: '', env: {} }],
  ])('%s: %s', (_when, may, system) => {
    expect(mayInstall(system)).toBe(may);
  });
});

describe('the installation of packages', () => {
  let scratch: string;
  beforeEach(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'tandem-apt-'));
  });
  afterEach(() => rm(scratch, { recursive: true }));

  const apt = async (script: string): Promise<string> => {
    const command = join(scratch, 'apt-get');
    await writeFile(command, `#!/bin/sh\necho "$@" >> ${scratch}/calls\n${script}\n`);
    await chmod(command, 0o755);
    return command;
  };

  it('is of those that are missing, and asks nothing', async () => {
    const command = await apt('[ "$DEBIAN_FRONTEND" = noninteractive ]');
    expect(installPackages(['g++', 'libuv1-dev'], command)).toBeUndefined();
    expect((await readFile(join(scratch, 'calls'), 'utf8')).trim().split('\n')).toEqual([
      '-q update',
      '-q install -y --no-install-recommends g++ libuv1-dev',
    ]);
  });

  it('goes on without a newer list, and says why it failed', async () => {
    const command = await apt('[ "$2" = update ] && exit 100; echo "no such package" >&2; exit 100');
    expect(installPackages(['g++'], command)).toMatch(/install ended with 100: no such package/);
    expect(installPackages(['g++'], join(scratch, 'none'))).toMatch(/could not be run/);
  });
});
