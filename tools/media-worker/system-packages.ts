import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Set by `./tandem --no-system-packages`. */
export const DECLINED = 'TANDEM_NO_SYSTEM_PACKAGES';

export interface System {
  /** Who runs this; 0 is root. */
  readonly uid: number;
  /** What /etc/os-release says; empty where there is none. */
  readonly osRelease: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export const thisSystem = (): System => ({
  uid: process.getuid?.() ?? -1,
  osRelease: readOsRelease(),
  env: process.env,
});

const readOsRelease = (): string => {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
};

/** Debian, Ubuntu and what says that it is like them (os-release(5)). */
const isDebian = (osRelease: string): boolean => /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(osRelease);

/** Whether packages may be installed here: as root, where they are Debian's, and unless that was declined. */
export const mayInstall = ({ uid, osRelease, env }: System): boolean =>
  uid === 0 && isDebian(osRelease) && !env[DECLINED];

/** Milliseconds for each of apt-get's two runs. */
const PATIENCE = 300_000;

/** Has apt-get install packages. @returns undefined when it did, else what it said */
export const installPackages = (packages: readonly string[], command = 'apt-get'): string | undefined => {
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const { status, error, stderr } = spawnSync(command, ['-q', ...args], {
      env,
      encoding: 'utf8',
      timeout: PATIENCE,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (error) return `${command} could not be run: ${error.message}`;
    // Packages may be there though no newer list of them can be had.
    if (status !== 0 && args[0] === 'install')
      return `${command} ${args[0]} ended with ${status}: ${stderr.trim().slice(-500)}`;
  }
  return undefined;
};
