import { describe, expect, it } from '@jest/globals';
import { parseDocument } from '../../documents/twiml/parse-document.ts';
import { call, fetched, received } from '../../machines/call/testing/call-events.ts';

const read = (xml: string) => parseDocument(`<Response>${xml}</Response>`, { url: 'https://a.example' });

describe('Leave', () => {
  it('has neither attributes nor content', () => {
    expect(read('<Leave/>')).toEqual([{ leave: {} }]);
    expect(() => read('<Leave><Say>Hello</Say></Leave>')).toThrow(
      expect.objectContaining({ code: 'document.misplaced-verb' }),
    );
  });

  it('outside of a queue is a fault of the application, which the caller hears and the history names', () => {
    const then = call(received, fetched({ leave: {} }));
    expect(then).toMatchObject({
      state: 'running.apologizing',
      context: { lastFailure: { code: 'document.not-in-queue' } },
    });
  });
});
