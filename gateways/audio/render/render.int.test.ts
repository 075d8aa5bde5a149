import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { encodeAlaw, encodeUlaw } from '../codecs/g711.ts';
import { writeWav } from '../files/wav.ts';
import { dBm0, meanSquare } from '../signal/goertzel.ts';
import { dominantFrequencies } from '../signal/recognise.ts';
import { resample } from '../signal/resample.ts';
import { createProgramSynthesizer, DEBIAN_FLITE } from '../speech/program-synthesizer.ts';
import { createFliteSynthesizer, type SpeechSynthesizer } from '../speech/speech.ts';
import { AudioThreads } from '../threads/audio-threads.ts';
import { createRenderer, type Download, LARGEST_FILE, type Renderer, wholeOf } from './render.ts';

const sine = (frequency: number, rate: number, seconds = 1): Int16Array =>
  Int16Array.from(
    { length: rate * seconds },
    (_, i) => 8000 * Math.sin((2 * Math.PI * frequency * i) / rate),
  );

const mp3 = readFileSync(new URL('../fixtures/tone-1000-hz.mp3', import.meta.url));

const opened: { close(): Promise<void> }[] = [];
const owned = <T extends { close(): Promise<void> }>(thing: T): T => {
  opened.push(thing);
  return thing;
};
afterEach(async () => {
  await Promise.all(opened.splice(0).map((thing) => thing.close()));
});

const rendererOf = (contentType: string, body: Uint8Array): Renderer =>
  owned(createRenderer({ download: async () => ({ contentType, body }) }));

/** All of an item. */
const render = (renderer: Renderer, item: Parameters<Renderer['render']>[0]): Promise<Int16Array> =>
  Promise.resolve(renderer.render(item)).then((rendered) => wholeOf(rendered));

const file = { file: { url: 'https://user:secret@example.com/sound?token=secret' } };

describe('a file', () => {
  it.each<[string, string, Uint8Array]>([
    ['WAV of 8 kHz', 'audio/wav', writeWav(sine(1000, 8000), 8000)],
    ['WAV of 44.1 kHz without a type', '', writeWav(sine(1000, 44_100), 44_100)],
    ['WAV of 48 kHz under a wrong type', 'text/html', writeWav(sine(1000, 48_000), 48_000)],
    ['WAV of 11025 Hz', 'audio/x-wav', writeWav(sine(1000, 11_025), 11_025)],
    ['raw µ-law', 'audio/basic; rate=8000', encodeUlaw(sine(1000, 8000))],
    ['raw A-law', 'audio/PCMA', encodeAlaw(sine(1000, 8000))],
    ['MP3', 'audio/mpeg', mp3],
    ['MP3 without a type', 'application/octet-stream', mp3],
  ])('%s becomes 8 kHz', async (_, contentType, body) => {
    const samples = await render(rendererOf(contentType, body), file);
    expect(Math.abs(samples.length - 8000)).toBeLessThan(800);
    const [found] = dominantFrequencies(samples, 1);
    expect(found!.frequency).toBeCloseTo(1000, 0);
    expect(Math.abs(found!.level - -9.04)).toBeLessThan(0.7);
  });

  it.each<[string, string, Uint8Array, string, RegExp]>([
    [
      'text',
      'text/html',
      Buffer.from('<html>'),
      'media.unsupported-format',
      /text\/html audio cannot be played: it is neither/,
    ],
    ['empty', 'audio/wav', new Uint8Array(0), 'media.file-unreadable', /it is empty/],
    ['an MP3 tag alone', 'audio/mpeg', Buffer.from('ID3'), 'media.unsupported-format', /no frame/],
    ['too large', 'audio/basic', new Uint8Array(LARGEST_FILE + 1), 'media.file-too-large', /10485760 bytes/],
    ['a broken WAV', 'audio/wav', Buffer.from('RIFF....WAVE'), 'media.unsupported-format', /no sound/],
  ])('is refused: %s', async (_, contentType, body, code, message) => {
    const rendered = render(rendererOf(contentType, body), file);
    await expect(rendered).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('that lasts too long is refused', async () => {
    const threads = owned(new AudioThreads());
    for (const [contentType, bytes] of [
      ['audio/mpeg', mp3],
      ['audio/basic', new Uint8Array(8000)],
      ['', writeWav(sine(1000, 16_000), 16_000)],
    ] as const) {
      const decoded = Array.fromAsync(threads.decode({ bytes, contentType, longest: 4000 }));
      await expect(decoded).rejects.toMatchObject({ code: 'media.file-too-large' });
    }
  });

  it('that cannot be fetched says why, without the secrets of its URL', async () => {
    const renderer = owned(
      createRenderer({ download: () => Promise.reject(new Error('connection refused')) }),
    );
    const error = await render(renderer, file).catch((reason) => reason);
    expect(error).toMatchObject({ code: 'media.file-unreadable' });
    expect(error.message).toContain('https://example.com/sound cannot be read: connection refused. Check');
    expect(error.message).not.toContain('secret');
  });

  it('is fetched once for all who play it at the same time', async () => {
    const download = jest.fn(
      async (): Promise<Download> => ({ contentType: 'audio/basic', body: encodeUlaw(sine(500, 8000)) }),
    );
    const renderer = owned(createRenderer({ download }));
    const all = await Promise.all([1, 2, 3].map(() => render(renderer, file)));
    all.push(await render(renderer, file));
    expect(download).toHaveBeenCalledTimes(1);
    for (const samples of all) expect(samples).toEqual(all[0]);
  });
});

const noDownload = () => Promise.reject(new Error('nothing is downloaded here'));

describe('a mangled MP3', () => {
  it('never breaks the thread: it is played or refused', async () => {
    const threads = owned(new AudioThreads());
    const change = fc.tuple(fc.nat(mp3.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 40 }), fc.nat(mp3.length), async (changes, from) => {
        const bytes = Buffer.from(mp3);
        for (const [at, value] of changes) bytes[at] = value;
        const job = { bytes: bytes.subarray(from), contentType: '', longest: 80_000 };
        const outcome = await Array.fromAsync(threads.decode(job)).then(
          () => 'played',
          (error) => error.code,
        );
        expect(['played', 'media.unsupported-format', 'media.file-too-large']).toContain(outcome);
      }),
      { numRuns: 100 },
    );
  });
});

describe('tones and silence', () => {
  it('need nothing else', async () => {
    const renderer = owned(createRenderer({ download: noDownload }));
    expect(await render(renderer, { silence: 250 })).toEqual(new Int16Array(2000));
    expect(await render(renderer, { silence: -1 })).toHaveLength(0);
    expect(renderer.render({ tone: { name: 'ringback' } })).toMatchObject({ endless: true });
    expect(() => renderer.render({ tone: { name: 'x' } })).toThrow(/no tone named "x"/);
  });
});

describe('speech', () => {
  it('is spoken once, sentence by sentence, loud enough, at 8 kHz', async () => {
    const flite = owned(createFliteSynthesizer());
    const synthesize = jest.spyOn(flite, 'synthesize');
    const renderer = owned(createRenderer({ download: noDownload, speech: flite }));
    const item = { speech: { text: 'Thank you for calling. Please hold the line.', voice: 'man' } };
    const [first, second] = await Promise.all([render(renderer, item), render(renderer, item)]);
    await render(renderer, item);
    expect(synthesize.mock.calls.map(([{ text }]) => text)).toEqual([
      'Thank you for calling.',
      'Please hold the line.',
    ]);
    expect(second).toEqual(first);
    expect(first!.length).toBeGreaterThan(1.5 * 8000);
    expect(first!.length).toBeLessThan(6 * 8000);
    expect(dBm0(meanSquare(first!))).toBeGreaterThan(-35);
    const other = await render(renderer, { speech: { ...item.speech, voice: 'woman' } });
    expect(other).not.toEqual(first);
    expect(synthesize).toHaveBeenCalledTimes(4);
  });

  it('is spoken no further than it is asked for', async () => {
    const flite = owned(createFliteSynthesizer());
    const synthesize = jest.spyOn(flite, 'synthesize');
    const renderer = owned(createRenderer({ download: noDownload, speech: flite }));
    const rendered = renderer.render({ speech: { text: 'One. Two. Three.' } });
    const reading = (rendered as { parts: AsyncIterable<Int16Array> }).parts[Symbol.asyncIterator]();
    expect((await reading.next()).value!.length).toBeGreaterThan(0);
    expect(synthesize).toHaveBeenCalledTimes(1);
    await reading.return!();
    expect(await reading.next()).toMatchObject({ done: true });
    expect(synthesize).toHaveBeenCalledTimes(1);
  });

  it('tells of a voice that is not there', async () => {
    const notes: string[] = [];
    const renderer = owned(createRenderer({ download: noDownload, onNote: (note) => notes.push(note) }));
    await render(renderer, { speech: { text: 'Bonjour. Au revoir.', language: 'fr-FR' } });
    expect(notes).toEqual(['there is no voice for "fr-FR", so English is spoken']);
  });

  it('of another engine is brought to 8 kHz', async () => {
    const speech: SpeechSynthesizer = {
      synthesize: async () => ({ samples: sine(700, 22_050), sampleRate: 22_050 }),
      close: async () => {},
    };
    const renderer = owned(createRenderer({ download: noDownload, speech }));
    const samples = await render(renderer, { speech: { text: 'hi' } });
    expect(samples).toHaveLength(8000);
    expect(dominantFrequencies(samples, 1)[0]!.frequency).toBeCloseTo(700, 0);
  });

  it('says what cannot be spoken', async () => {
    const renderer = owned(createRenderer({ download: noDownload }));
    await expect(render(renderer, { speech: { text: '日本語' } })).rejects.toMatchObject({
      code: 'media.speech-failed',
    });
    await expect(render(renderer, { speech: { text: 'a'.repeat(5000) } })).rejects.toMatchObject({
      code: 'media.text-too-long',
    });
  });
});

describe('the audio threads', () => {
  const long = { kind: 'speak', voice: 'slt', text: 'This takes a while. '.repeat(2000) } as const;
  const short = { kind: 'resample', samples: sine(500, 16_000), sampleRate: 16_000 } as const;
  /** 44 minutes of sound. */
  const longFile = {
    bytes: encodeUlaw(new Int16Array(44 * 60 * 8000)),
    contentType: 'audio/basic',
    longest: Number.POSITIVE_INFINITY,
    to: 16_000,
  } as const;

  it('are ended when a job takes too long, and the next job gets another', async () => {
    const threads = owned(new AudioThreads({ threads: 1, timeLimit: 2000 }));
    const outcomes = await Promise.allSettled([threads.run(long), threads.run(short)]);
    expect(outcomes).toMatchObject([
      { reason: { code: 'media.audio-failed', message: expect.stringContaining('2000 ms') } },
      { value: { length: 8000 } },
    ]);
  });

  it('say what went wrong in them and go on', async () => {
    const threads = owned(new AudioThreads());
    await expect(threads.run({ kind: 'speak', text: 'x', voice: '/none' })).resolves.toBeDefined();
    await expect(threads.run({ ...short, sampleRate: -1 })).rejects.toMatchObject({
      code: 'media.audio-failed',
    });
    expect(await threads.run(short)).toHaveLength(8000);
  });

  it('refuse work beyond their queue, and all work when closed', async () => {
    const threads = new AudioThreads({ threads: 1, limits: { inAll: 1, perAccount: 1 } });
    const jobs = [threads.run(long), threads.run(short), threads.run(short)];
    await expect(jobs[2]).rejects.toMatchObject({ code: 'media.audio-overloaded' });
    const ended = Promise.allSettled(jobs.slice(0, 2));
    await threads.close();
    expect(await ended).toMatchObject([
      { reason: { code: 'media.closed' } },
      { reason: { code: 'media.closed' } },
    ]);
    await expect(threads.run(short)).rejects.toMatchObject({ code: 'media.closed' });
  });

  it('decode a long file in slices, between which others have their turn', async () => {
    const threads = owned(new AudioThreads({ threads: 1 }));
    const slices: number[] = [];
    let before = 0;
    for await (const slice of threads.decode(longFile, { asker: { account: 'novel', leg: '1' } })) {
      slices.push(slice.length);
      if (slices.length !== 1) continue;
      await threads.run(short, { asker: { account: 'greeting', leg: '2' } });
      before = slices.length;
    }
    expect(before).toBe(1);
    expect(slices.length).toBeGreaterThan(200);
    expect(slices.reduce((sum, length) => sum + length)).toBe(44 * 60 * 16_000);
    expect(Math.max(...slices)).toBeLessThan(20 * 16_000);
  });

  it('serve a newcomer before what an account has waiting', async () => {
    const threads = owned(new AudioThreads({ threads: 1 }));
    const done: string[] = [];
    const said = (account: string, leg: string) =>
      threads
        .run({ kind: 'speak', voice: 'kal', text: 'One two three.' }, { asker: { account, leg } })
        .then(() => done.push(account));
    const all = Array.from({ length: 20 }, (_, leg) => said('many', `${leg}`));
    await all[0];
    all.push(said('one', '1'));
    await Promise.all(all);
    expect(done.indexOf('one')).toBeLessThanOrEqual(3);
  });

  it('take back what waits, and forget a file at its next slice', async () => {
    const threads = owned(new AudioThreads({ threads: 1 }));
    const gone = new AbortController();
    const running = threads.run(short);
    const waiting = threads.run(short, { signal: gone.signal });
    gone.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    expect(await running).toHaveLength(8000);
    expect(threads.waiting).toBe(0);
    const decoding = threads.decode(longFile);
    await decoding.next();
    await decoding.return();
    expect(await decoding.next()).toMatchObject({ done: true });
  });
});

describe('a program that speaks', () => {
  /** A program that answers with a WAV file as long as its text. */
  const speaker = `
    const chunks = [];
    process.stdin.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
      const length = Buffer.concat(chunks).length * 200;
      const file = Buffer.alloc(44 + length);
      file.write('RIFF....WAVEfmt ');
      file.writeUInt32LE(16, 16); file.writeUInt16LE(1, 20); file.writeUInt16LE(1, 22); file.writeUInt32LE(16000, 24);
      file.writeUInt16LE(16, 34); file.write('data', 36); file.writeUInt32LE(length, 40);
      process.stdout.write(file);
    });`;
  const program = (script: string, timeLimit?: number) =>
    owned(
      createProgramSynthesizer({ command: process.execPath, args: ['-e', script, '{voice}'], timeLimit }),
    );

  it('is given the text and gives the sound', async () => {
    const speech = await program(speaker).synthesize({ text: 'Hello there' });
    expect(speech).toMatchObject({ sampleRate: 16_000, note: undefined });
    expect(speech.samples).toHaveLength(1100);
  });

  it('is given the engine’s name of a voice, never what the caller wrote', async () => {
    const told = program('process.stderr.write(process.argv.at(-1)); process.exitCode = 3;');
    await expect(told.synthesize({ text: 'x', voice: '/etc/passwd' })).rejects.toMatchObject({
      code: 'media.speech-failed',
      message: expect.stringContaining('ended with 3: slt'),
    });
  });

  it.each([
    {
      what: 'writes no WAV',
      script: 'console.log("hello")',
      code: 'media.unsupported-format',
      timeLimit: 30_000,
    },
    { what: 'hangs', script: 'setInterval(() => {}, 1000)', code: 'media.speech-failed', timeLimit: 500 },
  ])('fails clearly when it $what', async ({ script, code, timeLimit }) => {
    await expect(program(script, timeLimit).synthesize({ text: 'x' })).rejects.toMatchObject({ code });
  });

  it('writes to a file where it is asked to', async () => {
    const script = speaker.replace(
      'process.stdout.write(file)',
      'require("node:fs").writeFileSync(process.argv.at(-1), file)',
    );
    const args = ['-e', script, '{output}'];
    const speech = owned(createProgramSynthesizer({ command: process.execPath, args }));
    expect((await speech.synthesize({ text: 'Hello there' })).samples).toHaveLength(1100);
  });

  it('fails clearly when it is not there', async () => {
    const missing = owned(createProgramSynthesizer({ command: '/nowhere/flite', args: [] }));
    await expect(missing.synthesize({ text: 'x' })).rejects.toMatchObject({
      code: 'media.speech-failed',
      message: expect.stringContaining('cannot be run'),
    });
  });

  const installed = spawnSync(DEBIAN_FLITE.command, ['--version']).error === undefined;
  // In CI it is to be there: then its absence is a failure.
  const where = installed || process.env.CI === 'true' ? it : it.skip;
  where(`is Debian's flite${installed ? '' : ' (skipped: flite is not installed)'}`, async () => {
    const flite = owned(createProgramSynthesizer(DEBIAN_FLITE));
    const { samples, sampleRate } = await flite.synthesize({ text: 'Please hold the line.' });
    expect(samples.length / sampleRate).toBeGreaterThan(1);
    expect(dBm0(meanSquare(samples))).toBeGreaterThan(-40);
  });

  it('is ended, with those that wait, when it is closed', async () => {
    const hanging = program('setInterval(() => {}, 1000)');
    const texts = ['a', 'b', 'c', 'd'].map((text) => hanging.synthesize({ text }));
    const ended = Promise.allSettled(texts);
    await hanging.close();
    for (const outcome of await ended) expect(outcome).toMatchObject({ reason: { code: 'media.closed' } });
    await expect(hanging.synthesize({ text: 'e' })).rejects.toMatchObject({ code: 'media.closed' });
  });
});

describe('resampling', () => {
  it.each([4000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000])(
    'from %i Hz keeps length, pitch and level',
    async (rate) => {
      const made = await resample(sine(1000, rate, 2), rate);
      expect(made).toHaveLength(16_000);
      const [found] = dominantFrequencies(made, 1);
      expect(found!.frequency).toBeCloseTo(1000, 0);
      expect(Math.abs(found!.level - -9.04)).toBeLessThan(0.2);
    },
  );

  it('lets nothing above 4 kHz through as something below', async () => {
    const made = await resample(sine(5000, 16_000), 16_000);
    expect(dBm0(meanSquare(made.subarray(200, -200)))).toBeLessThan(-60);
  });
});
