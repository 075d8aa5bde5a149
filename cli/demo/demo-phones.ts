import { createFliteSynthesizer } from '@tandem/gateways/audio/speech.ts';
import { type PhoneCall, type PhoneRings, SipPhone } from '@tandem/gateways/phone/sip-phone.ts';
import { type Heard, whatIsHeard } from '@tandem/gateways/phone/what-is-heard.ts';
import { APPLICATION_NUMBER, CALLEE_NUMBER } from './demo-application.ts';

const CALLER_NUMBER = '+15550199';
/** Samples that are listened to at a time: half a second. */
const STRETCH = 4000;

/** Says what a phone of the demo does and hears. */
export type Narrate = (phone: 'caller' | 'callee', text: string) => void;

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

/** The phone that is called: it rings, answers, says something, listens, and hangs up. */
export async function openCallee(port: number, narrate: Narrate): Promise<{ close(): Promise<void> }> {
  const tell = (text: string) => narrate('callee', text);
  const speech = createFliteSynthesizer();
  const phone = await SipPhone.open({
    number: CALLEE_NUMBER,
    address: '127.0.0.1',
    port,
    peers: ['127.0.0.0/8'],
  });
  const text = 'Hello. This is the other phone. You hear me over two legs that are bridged in the region.';
  const greeting = (await speech.synthesize({ text })).samples;
  const timers = new Set<NodeJS.Timeout>();
  const later = (milliseconds: number, act: () => unknown) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, milliseconds);
    timers.add(timer);
  };
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
      later(greeting.length / 8 + 3000, () => {
        if (call.over) return;
        tell('hangs up');
        void call.hangUp();
      });
    });
  });
  return {
    async close() {
      for (const timer of timers) clearTimeout(timer);
      await Promise.all([phone.close(), speech.close()]);
    },
  };
}

/** Calls the application, as a person would, and hangs up when told to stop; resolves when the call is over. */
export async function callApplication(sipPort: number, narrate: Narrate, stop: AbortSignal): Promise<void> {
  const tell = (text: string) => narrate('caller', text);
  const phone = await SipPhone.open({ number: CALLER_NUMBER, address: '127.0.0.1', peers: ['127.0.0.0/8'] });
  const speech = createFliteSynthesizer();
  try {
    const words = (await speech.synthesize({ text: 'Hello, can you hear me?', voice: 'woman' })).samples;
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
      tell('presses 1');
      call.audio.press('1');
      await call.audio.until(() => whatIsHeard(call.audio.heard.subarray(-STRETCH)).kind === 'tone');
      await promptOver(call);
      tell('speaks');
      call.audio.say(words);
    });
    if (stop.aborted) void call.hangUp();
    await over.promise;
  } finally {
    await Promise.all([phone.close(), speech.close()]);
  }
}
