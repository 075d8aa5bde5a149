import { readdir, readFile, readlink } from 'node:fs/promises';

/** The UDP ports that a process has open, by what Linux says of it; none where there is no /proc. */
export async function udpPortsOf(pid: number): Promise<number[]> {
  const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const links = await Promise.all(files.map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => '')));
  const own = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  const table = await readFile(`/proc/${pid}/net/udp`, 'utf8').catch(() => '');
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => own.has(columns[9] ?? ''))
    .map((columns) => Number.parseInt(columns[1]!.split(':')[1]!, 16));
}
