import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { linkErrors } from '../errors/link-errors.ts';
import { limits, PING_INTERVAL, PROTOCOL } from '../peers/limits.ts';

const page = readFileSync(new URL('../../docs/link-protocol.md', import.meta.url), 'utf8');

describe('docs/link-protocol.md', () => {
  it('names every error of the link and no other', () => {
    const named = new Set(page.match(/`link\.[a-z-]+`/g)?.map((code) => code.slice(1, -1)));
    expect([...named].sort()).toEqual(Object.keys(linkErrors).sort());
  });

  it('gives the limits that the code keeps', () => {
    const values = [...page.matchAll(/^\| [^|`]+ \| (\d+) \|$/gm)].map(([, value]) => Number(value));
    const { silentIntervals, ...listed } = limits;
    expect(values.sort()).toEqual(Object.values(listed).sort());
    expect(silentIntervals).toBe(3);
    expect(page).toContain(`Protocol version: ${PROTOCOL}.`);
    expect(page).toContain(`send \`Ping\` every ${PING_INTERVAL / 1000} s`);
  });
});
