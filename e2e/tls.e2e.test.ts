import { it } from '@jest/globals';
import { selfSigned } from '@tandem/actors/testing/self-signed.ts';
import { SipPhone } from '@tandem/phones';
import { NUMBER } from './harness/network.ts';
import { callFrom, picksUp } from './harness/phone-peer.ts';
import { hears, sine } from './harness/sound.ts';
import { scenarios } from './harness/stage.ts';

const name = { type: 'dns', value: 'localhost' } as const;
const [ours, theirs] = [await selfSigned(name), await selfSigned(name)];

const test = scenarios({ tls: { ...ours, ca: theirs.cert } }, it);

/** A telephone whose certificate is for the name `localhost` and for no address. */
const openPhone = (number: string, port = 0): Promise<SipPhone> =>
  SipPhone.open({
    number,
    address: '127.0.0.1',
    port,
    peers: ['127.0.0.1'],
    transport: 'tls',
    tls: { ...theirs, ca: ours.cert },
  });

test('a call comes in over TLS and goes out over a TLS trunk that is named by its host, and both are heard', {
  '/voice': '<Response><Dial>+15550142</Dial></Response>',
}, async (stage) => {
  await using phones = new AsyncDisposableStack();
  const open = async (number: string, port?: number): Promise<SipPhone> => {
    const phone = await openPhone(number, port);
    phones.defer(() => phone.close());
    return phone;
  };
  const carrier = await open('+15550142', stage.network.carrierPort);
  const caller = await open('+15550199');
  const pickedUp = picksUp(carrier);
  const calling = await callFrom(caller, `sip:${NUMBER}@localhost:${stage.network.sipTlsPort};transport=tls`);
  const called = await pickedUp;
  await stage.bridged();
  calling.audio.say(sine(850, 10));
  called.audio.say(sine(1300, 10));
  await Promise.all([hears(called, 850), hears(calling, 1300)]);
  await calling.call.hangUp();
  await called.ended;
  await stage.network.settled();
});
