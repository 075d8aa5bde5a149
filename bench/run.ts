import { nearest } from '@tandem/actors/text';
import { calls } from './calls.ts';
import { failover } from './failover.ts';
import { fairSpeech } from './fair-speech.ts';
import type { Measurement } from './figure.ts';
import { gatewayRestart } from './gateway-restart.ts';
import { listing } from './listing.ts';
import { load, machine } from './machine.ts';
import { memory } from './memory.ts';
import { overload } from './overload.ts';
import { planner } from './planner.ts';
import { readsBesideCalls } from './reads-beside-calls.ts';
import { relay } from './relay.ts';
import { replay } from './replay.ts';
import { table, withVerdict } from './report.ts';
import { runtime } from './runtime.ts';
import { sip } from './sip.ts';
import { store } from './store.ts';
import { storeCluster } from './store-cluster.ts';
import { storeElection } from './store-election.ts';
import { transcode } from './transcode.ts';
import { waiting } from './waiting.ts';

// Runs measurements by name (`npm run bench -- runtime --json`).

const measurements: readonly Measurement[] = [
  runtime,
  store,
  storeCluster,
  storeElection,
  replay,
  sip,
  calls,
  overload,
  memory,
  planner,
  transcode,
  fairSpeech,
  waiting,
  relay,
  gatewayRestart,
  failover,
  readsBesideCalls,
  listing,
];
const known = measurements.map(({ name }) => name);

const help = `Usage: npm run bench -- NAME… [--json]

${measurements.map(({ name, about }) => `  ${name.padEnd(18)} ${about}`).join('\n')}

  --json    write one JSON object a measurement to standard output

Examples:
  npm run bench -- runtime
  npm run bench -- calls memory --json

What each measures, and figures, are in docs/measurements.md.
Exit status: 0 measured, 1 failed, 2 wrong usage.`;

const wrongUsage = (problem: string): never => {
  console.error(`${problem}\n\n${help}`);
  process.exit(2);
};

const args = process.argv.slice(2);
const json = args.includes('--json');
const names = args.filter((arg) => !arg.startsWith('-'));
if (args.includes('--help') || args.includes('-h')) {
  console.log(help);
  process.exit(0);
}
const unknownOption = args.find((arg) => arg.startsWith('-') && arg !== '--json');
if (unknownOption) wrongUsage(`There is no option ${unknownOption}.`);
const unknown = names.find((name) => !known.includes(name));
if (unknown !== undefined) {
  const meant = nearest(unknown, known);
  wrongUsage(`There is no measurement "${unknown}".${meant ? ` Did you mean "${meant}"?` : ''}`);
}
if (names.length === 0) wrongUsage('Say what to measure.');

for (const { name, measure } of measurements.filter((one) => names.includes(one.name))) {
  const date = new Date().toISOString();
  const loadBefore = load();
  // Standard output is the figures' own, so that it can be piped.
  const figures = await measure((line) => console.error(`${name}: ${line}`));
  const measured = {
    name,
    date,
    machine: machine(),
    load: { before: loadBefore, after: load() },
    figures: figures.map(withVerdict),
  };
  console.log(json ? JSON.stringify(measured) : table(measured));
}
