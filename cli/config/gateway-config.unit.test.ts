import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { loadGatewayConfig, loadRegionConfig } from './gateway-config.ts';

const env = { CARRIER_PASSWORD: 'secret' };
const region = readFileSync(join(import.meta.dirname, 'examples/region.yaml'), 'utf8');
const further = region.replace('link:\n', 'link:\n  border: 127.0.0.1:7500\n');

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tandem-config-'));
});
afterAll(() => rm(directory, { recursive: true }));

function written(text: string): string {
  const file = join(directory, 'file.yaml');
  writeFileSync(file, text);
  return file;
}

it('tells the file of a region from that of a further gateway', () => {
  expect(loadRegionConfig(written(region), env).link.border).toBeUndefined();
  expect(loadGatewayConfig(written(further), env).link.border).toBe('127.0.0.1:7500');
  expect(() => loadRegionConfig(written(further), env)).toThrow(/start it with tandem gateway/);
  expect(() => loadGatewayConfig(written(region), env)).toThrow(/link.border is missing/);
});

it('has a further gateway open no border of its own', () => {
  const both = `${further}border: { listen: "127.0.0.1:7501" }\n`;
  expect(() => loadGatewayConfig(written(both), env)).toThrow(/link.border is for a further gateway/);
});

it('does not let a region be its own peer, nor know one twice', () => {
  const peers = (...names: string[]) =>
    `${region}border:\n  listen: 127.0.0.1:7500\n  peers:\n${names
      .map((name) => `    - { region: ${name}, address: "192.0.2.1:7500" }\n`)
      .join('')}`;
  expect(loadRegionConfig(written(peers('us1', 'de1')), env).border?.peers).toHaveLength(2);
  expect(() => loadRegionConfig(written(peers('ie1')), env)).toThrow(/is ie1, which is this region/);
  expect(() => loadRegionConfig(written(peers('us1', 'us1')), env)).toThrow(/is us1 again/);
});

it('knows whom a trunk must prove to be, the passwords from the environment, each name once', () => {
  const calledBy = (...names: string[]) =>
    region.replace(
      '    maxPerSecond: 50\n',
      `    authenticate: [${names.map((name) => `{ username: ${name}, password: "\${CARRIER_PASSWORD}" }`)}]\n`,
    );
  const { authenticate } = loadRegionConfig(written(calledBy('ann', 'bob')), env).trunks[0]!;
  expect(authenticate).toEqual([
    { username: 'ann', password: 'secret' },
    { username: 'bob', password: 'secret' },
  ]);
  expect(() => loadRegionConfig(written(calledBy('ann', 'ann')), env)).toThrow(/is ann again/);
});
