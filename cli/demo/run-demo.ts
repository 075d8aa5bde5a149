import { constants } from 'node:os';
import { join } from 'node:path';
import { readCallHistory } from '@tandem/actors/history/call-history.ts';
import { callHeader } from '../call-header.ts';
import { loadConfig } from '../config/load.ts';
import { createLog } from '../log.ts';
import { formatLine } from '../log-format.ts';
import { openStoreToRead } from '../open-store-to-read.ts';
import { listedCall } from '../recent-calls.ts';
import { runMain } from '../run-main.ts';
import { lookOf } from '../terminal.ts';
import { untilStopped } from '../until-stopped.ts';
import { APPLICATION_NUMBER, startDemoApplication } from './demo-application.ts';
import { DEMO_ACCOUNT, DEMO_TOKEN, writeDemoConfig } from './demo-config.ts';
import { callApplication, type Narrate, openCallee } from './demo-phones.ts';
import { checkDemoPorts, type DemoPorts, freePort } from './demo-ports.ts';
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
 * A main region and a local region on loopback, an application, and two phones: one calls, the other is called.
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

  say(style.strong('Tandem on this machine: a main region, a region, an application, two phones.'));
  const application = await startDemoApplication((path, params) => {
    const digits = params.get('Digits');
    say(style.busy(`⇄  The application is asked for ${path}${digits ? ` with Digits=${digits}` : ''}.`));
  });
  opened.defer(() => application.close());
  const files = await writeDemoConfig(directory, application.url, await freePort(), ports);
  const log = createLog('us1', { TANDEM_LOG: 'warn' });
  const main = await runMain(loadConfig('main', files.main), log);
  opened.defer(() => main.close());
  stop.throwIfAborted();
  const callee = await openCallee(ports.callee, narrate);
  opened.defer(() => callee.close());
  stop.throwIfAborted();
  const region = await startRegionProcess(files.region, stop, (line) =>
    process.stderr.write(formatLine({ ...line, time: line.time ?? Date.now() })),
  );
  opened.defer(() => {
    // That the region goes away is no news from here on.
    log.level = 'error';
    return region.close();
  });
  say(`  main region us1    process ${process.pid}, REST API at http://127.0.0.1:${main.apiPort}`);
  say(`  region ie1         process ${region.pid}, SIP at 127.0.0.1:${ports.sip} over UDP and TCP`);
  say(`  application        ${application.url} answers ${APPLICATION_NUMBER}`);
  say();

  const view = new LiveView(look);
  const over = Promise.withResolvers<string>();
  const watching = main.watch((event) => {
    for (const line of view.show(event)) say(line);
    if (event.type === 'CallEnded') over.resolve(event.correlation);
  });
  opened.defer(() => watching.stop());

  stop.throwIfAborted();
  await callApplication(ports.sip, narrate, stop);
  await Promise.race([over.promise, stopped]);
  stop.throwIfAborted();
  const sid = await over.promise;
  const store = `sqlite:${join(directory, 'us1/events.db')}`;
  say(`\n${style.strong('That was the call; all of it is in its events:')}\n`);
  say((await headerOf(sid, store, look)).join('\n'));
  say(`\nLook further with\n  ./tandem call ${sid} --store ${store}`);
  say(`  ./tandem replay ${sid} --store ${store}`);
  if (once) return;
  say(
    `  curl -u ${DEMO_ACCOUNT}:${DEMO_TOKEN} http://127.0.0.1:${main.apiPort}/2010-04-01/Accounts/${DEMO_ACCOUNT}/Calls.json`,
  );
  say(
    `\n${style.strong('Now you:')} call sip:${APPLICATION_NUMBER}@127.0.0.1:${ports.sip} with a softphone on this machine. Ctrl-C ends the demo.\n`,
  );
  await stopped;
}

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
