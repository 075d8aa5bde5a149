import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import protobuf from 'protobufjs';
import { eventTypes } from './event-types.ts';

// Generates `generated/` from the .proto files beside this script: static codecs for the links, which carry
// bytes, and a descriptor with plain types for the events, which are stored as JSON.
const require = createRequire(import.meta.url);
const pbjs = promisify(require('protobufjs-cli/pbjs').main);
const pbts = promisify(require('protobufjs-cli/pbts').main);

const here = import.meta.dirname;
const out = join(here, 'generated');
mkdirSync(out, { recursive: true });

for (const name of ['link', 'border', 'routing', 'media']) {
  const file = join(out, `${name}.js`);
  await pbjs([
    '-t',
    'static-module',
    '-w',
    'es6',
    '--es6',
    '--no-delimited',
    '--no-typeurl',
    '--force-number',
    '-r',
    `tandem-${name}`,
    '-p',
    here,
    '-o',
    file,
    join(here, `${name}.proto`),
  ]);
  await pbts(['-o', join(out, `${name}.d.ts`), file]);
}

const events = join(out, 'events.json');
await pbjs(['-t', 'json', '-p', here, '-o', events, join(here, 'events.proto')]);
const root = protobuf.Root.fromJSON(JSON.parse(readFileSync(events, 'utf8'))).resolveAll();
writeFileSync(join(out, 'events.ts'), eventTypes(root.lookup('tandem.events.v1') as protobuf.Namespace));
