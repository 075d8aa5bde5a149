import { describe, expect, it } from '@jest/globals';
import { dialDocument, parseStaticDocument } from './static-document.ts';

const response = (inner: string) => `<Response>${inner}</Response>`;

describe('a document that needs no application', () => {
  it('says, plays, waits, connects and ends', () => {
    const instructions = parseStaticDocument(
      response(
        '<Say>Please hold.</Say><Play>http://media.example/tune.wav</Play><Play digits="1"/><Pause/>' +
          '<Dial timeout="20">+15550142</Dial><Hangup/><Reject/>',
      ),
    );
    expect(instructions.map((one) => Object.keys(one)[0])).toEqual([
      'say',
      'play',
      'play',
      'pause',
      'dial',
      'hangup',
      'reject',
    ]);
  });

  it.each([
    ['<Redirect>http://app.example/</Redirect>', 'Redirect'],
    ['<Redirect>/next</Redirect>', 'Redirect'],
    ['<Gather/>', 'Gather'],
    ['<Gather action="http://app.example/"/>', 'Gather'],
    ['<Dial action="/done">+15550142</Dial>', 'action of Dial'],
    ['<Play>tune.wav</Play>', 'Play'],
  ])('has no %s', (inner, what) => {
    const parse = () => parseStaticDocument(response(`<Say>Hello</Say>${inner}`));
    expect(parse).toThrow(expect.objectContaining({ code: 'document.not-static' }));
    expect(parse).toThrow(what);
  });

  it('is a document as every other', () => {
    expect(() => parseStaticDocument(response('<Dail>1</Dail>'))).toThrow(
      '<Dail> in <Response> at line 1, column 11',
    );
  });

  it('connects with a number, or with a SIP URI whatever is in it', () => {
    expect(parseStaticDocument(dialDocument('+15550142'))).toMatchObject([
      { dial: { targets: [{ number: { number: '+15550142' } }], answerOnBridge: true } },
    ]);
    expect(parseStaticDocument(dialDocument('sip:desk@192.0.2.7;x=1&2'))).toMatchObject([
      { dial: { targets: [{ sip: { uri: 'sip:desk@192.0.2.7;x=1&2' } }] } },
    ]);
  });
});
