import { createFliteSynthesizer } from '@tandem/gateways/audio/speech';
import { type Heard, type PhoneCall, type PhoneRings, SipPhone, whatIsHeard } from '@tandem/phones';
import { APPLICATION_NUMBER } from './demo-application.ts';
import type { WrittenRegion } from './demo-config.ts';

const CALLER_NUMBER = '+15550199';
/** Samples that are listened to at a time: half a second. */
const STRETCH = 4000;
/** Milliseconds for which a phone that is called listens before it hangs up. */
const LISTENS = 20_000;

/** Says what a phone of the demo does and hears. */
export type Narrate = (phone: string, text: string) => void;

const inWords = (heard: Heard): string =>
  heard.kind === 'tone'
    ? `a tone of ${heard.hertz.join(' and ')} Hz`
    : heard.kind === 'speech'
      ? 'a voice'
      : 'silence';

/** Tells of each change in what a phone hears, until the call is over. */
function narrateSound(call: PhoneCall, tell: (text: string) => void): void {
  let last = '';
  let upTo = STRETCH;
  void call.audio.until(() => {
    if (call.audio.heard.length < upTo) return call.over;
    upTo = call.audio.heard.length + STRETCH;
    const heard = whatIsHeard(call.audio.heard.subarray(-STRETCH));
    const words = inWords(heard);
    if (words !== last && heard.kind !== 'silence') tell(`hears ${words}`);
    last = words;
    return call.over;
  });
}

/** Resolves when a voice was heard and has stopped. */
async function promptOver({ audio }: PhoneCall): Promise<void> {
  const latest = () => whatIsHeard(audio.heard.subarray(-STRETCH)).kind;
  await audio.until(() => audio.heard.length > STRETCH && latest() === 'speech');
  await audio.until(() => audio.silentFor > 500);
}

/** A phone that is called: it rings, answers, says something and listens. */
export interface Callee {
  /** The next call that it answers, once it has greeted. */
  greeted(): Promise<PhoneCall>;
  close(): Promise<void>;
}

export async function openCallee(
  { city, phone: number, phonePort }: WrittenRegion,
  narrate: Narrate,
): Promise<Callee> {
  const tell = (text: string) => narrate(`phone in ${city}`, text);
  const speech = createFliteSynthesizer();
  const phone = await SipPhone.open({
    number,
    address: '127.0.0.1',
    port: phonePort,
    peers: ['127.0.0.0/8'],
  });
  const text = `Hello. This is the phone in ${city}.`;
  const greeting = (await speech.synthesize({ text })).samples;
  const timers = new Set<NodeJS.Timeout>();
  const later = (milliseconds: number, act: () => unknown) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, milliseconds);
    timers.add(timer);
  };
  let next = Promise.withResolvers<PhoneCall>();
  phone.on('rings', ({ from, call, ring, answer }: PhoneRings) => {
    tell(`rings: ${from} calls`);
    ring();
    call.on('ended', ({ reason }) => tell(`is hung up${reason ? ` (${reason})` : ''}`));
    later(2500, () => {
      if (call.over) return;
      answer();
      tell('answers and speaks');
      narrateSound(call, tell);
      call.audio.say(greeting);
      later(greeting.length / 8, () => {
        const { resolve } = next;
        next = Promise.withResolvers();
        resolve(call);
      });
      // A person who calls has as long; the demo's own calls are over before.
      later(greeting.length / 8 + LISTENS, () => {
        if (call.over) return;
        tell('hangs up');
        void call.hangUp();
      });
    });
  });
  return {
    greeted: () => next.promise,
    async close() {
      for (const timer of timers) clearTimeout(timer);
      await Promise.all([phone.close(), speech.close()]);
    },
  };
}

export interface DemoCall {
  /** Where the caller's carrier reaches its region. */
  readonly sipPort: number;
  readonly city: string;
  /** What it presses when it is asked. */
  readonly key: string;
  /** Called once the two talk; then the call is over. */
  readonly talk: (caller: PhoneCall) => Promise<void>;
}

/** Calls the application, as a person would, and hangs up when told to stop; resolves when the call is over. */
export async function callApplication(
  { sipPort, city, key, talk }: DemoCall,
  narrate: Narrate,
  stop: AbortSignal,
): Promise<void> {
  const tell = (text: string) => narrate(`caller in ${city}`, text);
  const phone = await SipPhone.open({ number: CALLER_NUMBER, address: '127.0.0.1', peers: ['127.0.0.0/8'] });
  try {
    const over = Promise.withResolvers<void>();
    tell(`calls ${APPLICATION_NUMBER}`);
    const call = await phone.call(`sip:${APPLICATION_NUMBER}@127.0.0.1:${sipPort}`);
    stop.addEventListener('abort', () => void call.hangUp(), { once: true });
    call.on('ringing', (status) => tell(`is told ${status}`));
    call.on('ended', ({ status, reason }) => {
      tell(`is hung up${status || reason ? ` (${[status, reason].filter(Boolean).join(' ')})` : ''}`);
      over.resolve();
    });
    call.on('answered', async () => {
      tell('is answered');
      narrateSound(call, tell);
      await promptOver(call);
      if (call.over) return;
      tell(`presses ${key}`);
      call.audio.press(key);
      await talk(call).catch(over.reject);
    });
    if (stop.aborted) void call.hangUp();
    await over.promise;
  } finally {
    await phone.close();
  }
}
