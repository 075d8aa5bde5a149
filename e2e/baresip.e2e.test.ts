import { expect } from '@jest/globals';
import { freePort } from '@tandem/actors/testing/free-port.ts';
import { needProgram } from '@tandem/actors/testing/need-program.ts';
import { resample } from '@tandem/gateways/audio/signal';
import { Baresip } from './harness/baresip.ts';
import { CARRIER_HANGS_UP } from './harness/peers.ts';
import { hears, sine, soundsOf, toneFile } from './harness/sound.ts';
import { scenarios } from './harness/stage.ts';

const test = scenarios({}, needProgram('baresip', 'apt-get install baresip-core'));

// The carrier speaks PCMU: with the others, what is said is transcoded both ways.
for (const codec of ['PCMU', 'G722', 'opus'] as const)
  test(`a telephone of other people’s making answers in ${codec}, is heard and hears`, {}, async (stage) => {
    const port = await freePort();
    stage.serve({ '/voice': `<Response><Dial><Sip>sip:phone@127.0.0.1:${port}</Sip></Dial></Response>` });
    const phone = await Baresip.start(port, (sampleRate) => toneFile(850, 20, sampleRate), codec);
    try {
      const agreed = stage.happened(
        ({ type, data }) =>
          type === 'AnswerReceived' && (data as { readonly codec?: string }).codec === codec,
      );
      const carrier = await stage.carrier(CARRIER_HANGS_UP);
      await agreed;
      await hears(carrier, 850);
      carrier.audio.say(sine(1300, 10));
      carrier.audio.forget();
      await carrier.audio.until(() => carrier.audio.heard.length > 2 * 8000);
      await carrier.go('bye');
      await carrier.finished();
      expect(await stage.calls()).toMatchObject([{ state: 'ended', reason: 'completed' }]);
      const { samples, sampleRate } = await phone.heard();
      expect(soundsOf(await resample(samples, sampleRate))).toContain('1300 Hz');
    } finally {
      await phone.close();
    }
  });
