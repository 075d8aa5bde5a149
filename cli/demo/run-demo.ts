import { constants } from 'node:os';
import { join } from 'node:path';
import { readCallHistory } from '@tandem/actors/history';
import type { PhoneCall } from '@tandem/phones';
import { mouthToEar } from '@tandem/phones';
import { loadConfig } from '../config/index.ts';
import { createLog, formatLine } from '../log/index.ts';
import { runMain } from '../main-region/index.ts';
import { untilStopped } from '../process/index.ts';
import { listedCall, openStoreToRead } from '../reading/index.ts';
import { callHeader, lookOf } from '../views/index.ts';
import { APPLICATION_NUMBER, startDemoApplication } from './demo-application.ts';
import { DEMO_ACCOUNT, DEMO_TOKEN, writeDemoConfig } from './demo-config.ts';
import { openDemoDistance } from './demo-distance.ts';
import { formatDistances, formatMeasured, type MeasuredCall, measuredTable } from './demo-measured.ts';
import { callApplication, type Narrate, openCallee } from './demo-phones.ts';
import { MAIN_REGION } from './demo-places.ts';
import { checkDemoPorts, type DemoPorts } from './demo-ports.ts';
import { LiveView } from './live-view.ts';
import { startRegionProcess } from './region-process.ts';

export interface DemoOptions {
  readonly ports: DemoPorts;
  /** End after the demo's own call. */
  readonly once: boolean;
  /** Where configuration, stores and certificates are written. */
  readonly directory: string;
}

const INTERRUPTED = 128 + constants.signals.SIGINT;

const say = (text = ''): void => console.log(text);

/**
 * A main region and two local regions, as far from each other as on the map; an application; and phones: one calls
 * those of both regions.
 * Tells what happens as it happens. A signal ends it in order, wherever it has got to; a second one at once.
 */
export async function runDemo(options: DemoOptions): Promise<void> {
  const stop = new AbortController();
  const stopped = untilStopped(async () => stop.abort(), { onSignal: () => say('\nClosing.') });
  try {
    await perform(options, stop.signal, stopped);
  } catch (error) {
    // What was under way when the signal came ends with errors of all kinds.
    if (!stop.signal.aborted) throw error;
    process.exitCode = INTERRUPTED;
  }
}

async function perform(
  { ports, once, directory }: DemoOptions,
  stop: AbortSignal,
  stopped: Promise<void>,
): Promise<void> {
  await checkDemoPorts(ports);
  await using opened = new AsyncDisposableStack();
  const look = lookOf(process.stdout);
  const { style } = look;
  const narrate: Narrate = (phone, text) => say(style.busy(`☎  The ${phone} ${text}.`));

  say(
    style.strong('Tandem on this machine: a main region, two local regions, an application, three phones.'),
  );
  const distance = await openDemoDistance();
  opened.defer(() => distance.close());
  if (distance.missing) say(`  There is no distance between them: ${distance.missing}.`);
  const application = await startDemoApplication((path, params) => {
    const digits = params.get('Digits');
    say(style.busy(`⇄  The application is asked for ${path}${digits ? ` with Digits=${digits}` : ''}.`));
  });
  opened.defer(() => application.close());
  const written = await writeDemoConfig(directory, application.url, distance, ports);
  const log = createLog(MAIN_REGION.name, { TANDEM_LOG: 'warn' });
  const main = await runMain(loadConfig('main', written.main), log);
  opened.defer(() => main.close());
  stop.throwIfAborted();
  say(
    `  ${MAIN_REGION.city.padEnd(12)} ${MAIN_REGION.name}  process ${process.pid}, the main region, REST API at http://127.0.0.1:${main.apiPort}`,
  );
  const places = await Promise.all(
    written.regions.map(async (region) => {
      const callee = await openCallee(region, narrate);
      opened.defer(() => callee.close());
      stop.throwIfAborted();
      const process = await startRegionProcess(region.file, stop, showTrouble);
      opened.defer(() => {
        // That the region goes away is no news from here on.
        log.level = 'error';
        return process.close();
      });
      return { ...region, callee, pid: process.pid };
    }),
  );
  for (const { city, name, pid, sip } of places)
    say(`  ${city.padEnd(12)} ${name}  process ${pid}, SIP at 127.0.0.1:${sip} over UDP and TCP`);
  for (const line of formatDistances(distance)) say(line);
  say(`  Application  ${application.url} answers ${APPLICATION_NUMBER}`);
  say();

  const view = new LiveView(look);
  let over = Promise.withResolvers<string>();
  let latest = '';
  const watching = main.watch((event) => {
    if (event.correlation !== '') latest = event.correlation;
    for (const line of view.show(event)) say(line);
    if (event.type === 'CallEnded') over.resolve(event.correlation);
  });
  opened.defer(() => watching.stop());

  const [home] = places;
  const store = `sqlite:${join(directory, MAIN_REGION.name, 'events.db')}`;
  const measured: MeasuredCall[] = [];
  let sid = '';
  for (const there of places) {
    stop.throwIfAborted();
    over = Promise.withResolvers();
    const talk = async (caller: PhoneCall): Promise<void> => {
      const callee = await there.callee.greeted();
      const [to, from] = [
        await mouthToEar(caller.audio, callee.audio),
        await mouthToEar(callee.audio, caller.audio),
      ];
      measured.push({ from: home!, to: there, delay: (to + from) / 2, path: view.pathOf(latest) ?? [] });
      say(style.good(formatMeasured(measured.at(-1)!, distance)));
      narrate(`phone in ${there.city}`, 'hangs up');
      await callee.hangUp();
    };
    await callApplication({ sipPort: home!.sip, city: home!.city, key: there.key, talk }, narrate, stop);
    await Promise.race([over.promise, stopped]);
    stop.throwIfAborted();
    sid = await over.promise;
    say(`\n${style.strong('That was the call; all of it is in its events:')}\n`);
    say((await headerOf(sid, store, look)).join('\n'));
    say();
  }
  for (const line of measuredTable(measured, distance)) say(line);
  say(`\nLook further with\n  ./tandem call ${sid} --store ${store}`);
  say(`  ./tandem replay ${sid} --store ${store}`);
  if (once) return;
  say(
    `  curl -u ${DEMO_ACCOUNT}:${DEMO_TOKEN} http://127.0.0.1:${main.apiPort}/2010-04-01/Accounts/${DEMO_ACCOUNT}/Calls.json`,
  );
  say(`\n${style.strong('Now you:')} with a softphone on this machine, call`);
  for (const { city, sip } of places) say(`  sip:${APPLICATION_NUMBER}@127.0.0.1:${sip}   as from ${city}`);
  say('Ctrl-C ends the demo.\n');
  await stopped;
}

const showTrouble = (line: Record<string, unknown>): void => {
  process.stderr.write(formatLine({ ...line, time: line.time ?? Date.now() }));
};

/** The first lines of what `tandem call` says of a call. */
async function headerOf(sid: string, url: string, look: ReturnType<typeof lookOf>): Promise<string[]> {
  const store = await openStoreToRead({ store: url });
  try {
    const history = await readCallHistory(store, sid);
    return history ? callHeader(listedCall(history), look) : [];
  } finally {
    await store.close();
  }
}
