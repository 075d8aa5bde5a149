import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { createLog } from '../log.ts';
import { runMain } from '../run-main.ts';
import { lookOf } from '../terminal.ts';
import { untilStopped } from '../until-stopped.ts';
import { APPLICATION_NUMBER, startDemoApplication } from './demo-application.ts';
import { DEMO_ACCOUNT, DEMO_TOKEN, type DemoPorts, writeDemoConfig } from './demo-config.ts';
import { callApplication, type Narrate, openCallee } from './demo-phones.ts';
import { LiveView } from './live-view.ts';
import { startRegionProcess } from './region-process.ts';

export interface DemoOptions {
  readonly ports: DemoPorts;
  /** End after the demo's own call. */
  readonly once: boolean;
  /** Where configuration, stores and certificates are written. */
  readonly directory: string;
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
};

/**
 * A main region and a local region on loopback, an application, and two phones: one calls, the other is called.
 * Tells what happens as it happens.
 */
export async function runDemo({ ports, once: onlyOnce, directory }: DemoOptions): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const look = lookOf(process.stdout);
  const { style } = look;
  const say = (text = '') => console.log(text);
  const narrate: Narrate = (phone, text) => say(style.busy(`  ☎  the ${phone} ${text}`));

  say(
    style.strong(
      'Tandem: a main region, a local region, an application and two phones, all on this machine.',
    ),
  );
  const application = await startDemoApplication((path, params) =>
    say(
      style.busy(
        `  ⇄  the application is asked for ${path}${params.get('Digits') ? ` with Digits=${params.get('Digits')}` : ''}`,
      ),
    ),
  );
  opened.defer(() => application.close());
  const files = await writeDemoConfig(directory, application.url, await freePort(), ports);
  const main = await runMain(loadConfig('main', files.main), createLog('us1', { TANDEM_LOG: 'warn' }));
  opened.defer(() => main.close());
  const callee = await openCallee(ports.callee, narrate);
  opened.defer(() => callee.close());
  const region = await startRegionProcess(files.region);
  opened.defer(() => region.close());
  say(`  main region us1    process ${process.pid}, REST API at http://127.0.0.1:${main.apiPort}`);
  say(`  region ie1         process ${region.pid}, SIP at 127.0.0.1:${ports.sip} over UDP and TCP`);
  say(`  application        ${application.url} answers ${APPLICATION_NUMBER}`);
  say();

  const view = new LiveView(look);
  const calls = new Set<string>();
  const ended = new Set<string>();
  const over = Promise.withResolvers<void>();
  const watching = main.watch((event) => {
    if (event.correlation !== '') calls.add(event.correlation);
    for (const line of view.show(event)) say(line);
    if (event.type !== 'CallEnded') return;
    ended.add(event.correlation);
    over.resolve();
  });
  opened.defer(() => watching.stop());

  await callApplication(ports.sip, narrate);
  await over.promise;
  const [sid] = ended;
  const store = `sqlite:${join(directory, 'us1/events.db')}`;
  say(`\n${style.strong('That was call')} ${sid}. Everything above is in its events:`);
  say(`  ./tandem call ${sid} --store ${store}`);
  say(`  ./tandem replay ${sid} --store ${store}`);
  if (onlyOnce) return;
  say(
    `  curl -u ${DEMO_ACCOUNT}:${DEMO_TOKEN} http://127.0.0.1:${main.apiPort}/2010-04-01/Accounts/${DEMO_ACCOUNT}/Calls.json`,
  );
  say(
    `\n${style.strong('Now you:')} call sip:${APPLICATION_NUMBER}@127.0.0.1:${ports.sip} with a softphone on this machine. Ctrl-C ends the demo.\n`,
  );
  await untilStopped(async () => {}, { onSignal: () => say('\nClosing.') });
}
