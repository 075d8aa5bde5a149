import { describe, expect, it } from '@jest/globals';
import type { DocumentFetched, Messages } from '@tandem/proto/generated/events.ts';
import { type CallThen, call, fetchedData, received, redirect, say } from '../call/testing/call-events.ts';
import { asStored, MOST_STORED, type StoredDocuments, taken } from './stored-documents.ts';

const KIB = 1024;

const answer = (text: string, more: Partial<DocumentFetched> = {}): DocumentFetched => ({
  requestId: 'RQ1',
  url: 'https://app.example/',
  method: 'POST',
  status: 200,
  duration: 5,
  contentType: 'text/xml',
  body: `<Response><Say>${text}</Say></Response>`,
  instructions: [{ say: { text, loop: 1 } }],
  ...more,
});

/** Stores answers one after the other; how they are stored, and what is known after them. */
function store(...answers: readonly DocumentFetched[]) {
  let stored: StoredDocuments | undefined;
  const events = answers.map((one) => {
    const event = asStored(one, stored);
    const after = taken(event, stored);
    expect(after.instructions).toEqual(one.instructions);
    stored = after.stored;
    return event;
  });
  return { events, stored: stored! };
}

const sizeOf = (events: readonly DocumentFetched[]): number => JSON.stringify(events).length;

describe('documents of a call', () => {
  it('are stored once, and said again by their digest', () => {
    const [music, menu] = [answer('♪'.repeat(20 * KIB)), answer('Press one.')];
    const { events } = store(music, menu, music, music, menu);
    expect(events.map(({ repeated = false }) => repeated)).toEqual([false, false, true, true, true]);
    const { body: _body, instructions: _instructions, ...rest } = music;
    expect(events[2]).toEqual({
      ...rest,
      body: '',
      instructions: [],
      repeated: true,
      digest: events[0]!.digest,
    });
    expect(sizeOf(events)).toBeLessThan(1.05 * sizeOf([music, menu]));
  });

  it('are others when anything that they say is: type, body, instructions or warnings', () => {
    const one = answer('Hello');
    const others = [
      { contentType: 'text/html' },
      { body: '<Response><Say>Hello</Say ></Response>' },
      { instructions: [{ say: { text: 'Hello', loop: 2 } }] },
      { warnings: { list: [{ code: 'x', message: 'y' }] } },
    ].map((more) => ({ ...one, ...more }));
    expect(store(one, ...others).events.some(({ repeated }) => repeated)).toBe(false);
    // Where they come from, how long they took and what is kept beside them are each answer's own.
    const again = { ...one, url: 'https://app.example/2', duration: 9, session: 's', status: 201 };
    expect(store(one, again).events[1]).toMatchObject({
      repeated: true,
      duration: 9,
      session: 's',
      status: 201,
    });
  });

  it('are known up to a size, the last that were asked for', () => {
    const many = Array.from({ length: 20 }, (_, at) => answer(`${at} ${'x'.repeat(30 * KIB)}`));
    const { stored } = store(...many);
    const known = stored.known.reduce((sum, { size }) => sum + size, 0);
    expect(known).toBeLessThanOrEqual(256 * KIB);
    expect(stored.known.length).toBeGreaterThan(2);
    expect(stored.size).toBeGreaterThan(20 * 60 * KIB);
    const [first, last] = [many[0]!, many.at(-1)!];
    expect(store(...many, first).events.at(-1)!.repeated).toBeUndefined();
    expect(store(...many, last).events.at(-1)!.repeated).toBe(true);
    // The music between the answers stays known.
    const between = many.flatMap((one) => [one, answer('music')]);
    expect(store(...between).events.filter(({ repeated }) => repeated)).toHaveLength(19);
  });

  it('of an earlier release are taken as they are', () => {
    expect(taken(answer('Hello'), undefined)).toEqual({ instructions: answer('Hello').instructions });
  });
});

describe('a call', () => {
  const next =
    (text: string, ...instructions: Parameters<typeof fetchedData>) =>
    (before: Parameters<ReturnType<typeof fetchedData>>[0]): Messages['DocumentFetched'] => {
      const data = fetchedData(...instructions)(before);
      return asStored({ ...data, body: text }, before.context.stored);
    };

  it('does what a document says that is not stored again', () => {
    const first = call(received).when('DocumentFetched', next('wait', redirect));
    const again = first.when('DocumentFetched', next('wait', redirect));
    expect(again).toMatchObject({ state: 'running.fetching', context: { instructions: [redirect] } });
    const other = again.when('DocumentFetched', next('talk', say('Hello')));
    expect(other.state).toBe('running.speaking');
  });

  it('ends when its documents are more than is kept of one, and says so', () => {
    const body = 'x'.repeat(1024 * KIB);
    let then: CallThen = call(received);
    for (let at = 0; at < MOST_STORED / body.length; at += 1)
      then = then.when('DocumentFetched', next(`${at} ${body}`, redirect), 1000);
    expect(then).toMatchObject({
      state: 'running.apologizing',
      context: { lastFailure: { code: 'document.too-many' } },
    });
  });
});
