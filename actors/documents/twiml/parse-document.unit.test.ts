import { describe, expect, it } from '@jest/globals';
import type { Instruction } from '@tandem/proto/generated/events.ts';
import { TandemError } from '../../errors/tandem-error.ts';
import { parseDocument } from './parse-document.ts';

const base = { url: 'https://anna:secret@app.example.com/voice/start?x=1' };
const parse = (body: string) => parseDocument(`<Response>${body}</Response>`, base);

/** The error of a document, which must be one. */
function fault(xml: string): TandemError {
  try {
    parseDocument(xml, base);
  } catch (error) {
    if (error instanceof TandemError) return error;
    throw error;
  }
  throw new Error('the document was read');
}
const faultIn = (body: string) => fault(`<Response>\n  ${body}\n</Response>`);

/** What is left of a document with parts that mean nothing, and what was said of them. */
function readWith(xml: string): { instructions: Instruction[]; warnings: TandemError[] } {
  const warnings: TandemError[] = [];
  return { instructions: parseDocument(xml, base, { warn: (warning) => warnings.push(warning) }), warnings };
}
/** The warning of a document, which must be one. */
function warningIn(body: string): TandemError {
  const { warnings } = readWith(`<Response>\n  ${body}\n</Response>`);
  expect(warnings).toHaveLength(1);
  return warnings[0]!;
}

describe('a document', () => {
  it.each(['', ' \n', '<Response/>', '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'])(
    'that is empty gives no instructions: %j',
    (xml) => expect(parseDocument(xml, base)).toEqual([]),
  );

  it('gives its instructions in their order, comments and namespaces left out', () => {
    const xml = `\ufeff<?xml version="1.0"?><Response xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
      xsi:noNamespaceSchemaLocation="x.xsd"><!-- hello --><Pause/><Hangup/></Response>`;
    expect(parseDocument(xml, base)).toEqual([{ pause: { length: 1 } }, { hangup: {} }]);
  });

  it.each([
    ['<Answer/>', 'document.bad-root', 1, 1],
    ['<response/>', 'document.bad-root', 1, 1],
    ['<Response>\n<Say>a & b</Say></Response>', 'document.bad-xml', 2, 8],
    ['<Response><Say>x</Response>', 'document.bad-xml', 1, 27],
    ['<!DOCTYPE Response [<!ENTITY a "b">]><Response/>', 'document.bad-xml', 1, 37],
    ['<Response><Say>&a;</Say></Response>', 'document.bad-xml', 1, 18],
  ])('is refused with the place of what is wrong: %s', (xml, code, line, column) => {
    expect(fault(xml)).toMatchObject({ code, params: { line, column } });
  });

  it('is bounded in size, depth, elements and attributes', () => {
    expect(fault(`<Response><Say>${'ü'.repeat(33_000)}</Say></Response>`).code).toBe('document.too-large');
    expect(fault('<a>'.repeat(100)).code).toBe('document.too-complex');
    expect(fault(`<Response>${'<Pause/>'.repeat(500)}</Response>`).code).toBe('document.too-complex');
    const many = Array.from({ length: 40 }, (_, index) => `a${index}="1"`).join(' ');
    expect(fault(`<Response><Pause ${many}/></Response>`).code).toBe('document.too-complex');
    expect(fault(`<${'x'.repeat(10_000)}/>`).code).toBe('document.too-complex');
  });

  it('refuses keys that are redacted and asked for in a URL', () => {
    expect(faultIn('<Gather redact="true" method="GET"/>').message).toContain('POST with redact');
  });

  it('is bounded in what URLs it may make', () => {
    const long = 'x'.repeat(3_990);
    expect(faultIn(`<Play>${long}</Play>`).code).toBe('document.bad-content');
    expect(faultIn(`<Gather action="${long}"/>`).code).toBe('document.bad-attribute');
    expect(() => parseDocument('<Response/>', { url: `http://a.example/${long}` })).toThrow(
      expect.objectContaining({ code: 'document.bad-url' }),
    );
  });

  it('needs an absolute http or https URL of its own', () => {
    expect(() => parseDocument('<Response/>', { url: '/voice' })).toThrow(
      expect.objectContaining({ code: 'document.bad-url' }),
    );
    expect(() => parseDocument('<Response/>', { url: 'file:///etc/passwd' })).toThrow(
      expect.objectContaining({ code: 'document.bad-url' }),
    );
  });
});

describe('elements that cannot be run', () => {
  it('names the nearest verb for one that is not known', () => {
    const error = warningIn('<Saay>hello</Saay>');
    expect(error.code).toBe('document.unknown-verb');
    expect(error.message).toContain('<Saay> in <Response> at line 2, column 3');
    expect(error.message).toContain('Did you mean <Say>?');
    expect(warningIn('<say>hello</say>').message).toContain('Did you mean <Say>?');
    expect(warningIn('<Blockchain/>').message).not.toContain('Did you mean');
  });

  it.each(['Record', 'Enqueue', 'Refer', 'Sms', 'Connect', 'Start', 'Pay'])(
    'says that <%s> is known and not run',
    (verb) => {
      const error = faultIn(`<${verb}/>`);
      expect(error.code).toBe('document.unsupported-verb');
      expect(error.message).toContain('is a TwiML verb that this version does not run');
    },
  );

  it.each(['Client', 'Conference', 'Queue'])('says that <Dial> does not run <%s>', (noun) => {
    expect(faultIn(`<Dial><${noun}>x</${noun}></Dial>`).code).toBe('document.unsupported-verb');
  });

  it.each([
    '<Gather><Dial>+14155550123</Dial></Gather>',
    '<Number>+14155550123</Number>',
    '<Play><Say>x</Say></Play>',
    '<Hangup><Say>x</Say></Hangup>',
    '<Dial><Say>x</Say></Dial>',
  ])('says where a verb may not stand: %s', (body) => {
    expect(faultIn(body).code).toBe('document.misplaced-verb');
  });
});

describe('attributes', () => {
  it.each([
    ['<Say loop="1001">x</Say>', 'a whole number from 0 to 1000'],
    ['<Say loop="1.5">x</Say>', 'a whole number'],
    ['<Say loop="-1">x</Say>', 'a whole number'],
    ['<Say loop="">x</Say>', 'a whole number'],
    ['<Say language="english please">x</Say>', 'a language tag'],
    ['<Say lop="2">x</Say>', 'takes voice, language, loop; did you mean loop'],
    ['<Say constructor="2">x</Say>', 'takes voice, language, loop'],
    ['<Say __proto__="2">x</Say>', 'takes voice, language, loop'],
    ['<Pause length="0"/>', 'a whole number from 1 to'],
    ['<Reject reason="tired"/>', 'rejected or busy'],
    ['<Hangup now="true"/>', 'takes no attributes'],
    ['<Redirect method="PUT">x</Redirect>', 'GET or POST'],
    ['<Gather finishOnKey="12"/>', 'one of 0-9, * and #, or nothing'],
    ['<Gather input="smell"/>', 'dtmf'],
    ['<Dial hangupOnStar="yes">123</Dial>', 'true or false'],
    ['<Dial timeout="601">123</Dial>', 'a whole number from 1 to 600'],
  ])('that mean nothing are left out, and it is said what is allowed: %s', (body, allowed) => {
    const error = warningIn(body);
    expect(error.code).toBe('document.bad-attribute');
    expect(error.message).toContain(allowed);
  });

  it.each([
    ['<Gather action="ftp://example.com"/>', 'an http:// or https:// URL'],
    ['<Dial callerId="a&#10;b">123</Dial>', 'a phone number or a user name'],
    ['<Dial><Number sendDigits="x">123</Number></Dial>', '0-9, A-D, *, # and w'],
    ['<Play digits="x"/>', '0-9, A-D, *, # and w'],
  ])('without which the verb would do something else are errors: %s', (body, allowed) => {
    const error = faultIn(body);
    expect(error.code).toBe('document.bad-attribute');
    expect(error.message).toContain(allowed);
  });

  it('are located by line and column, with the element, the attribute and its value', () => {
    const { instructions, warnings } = readWith(
      '<Response>\r\n<Say voice="a&amp;b"\r\n  loop=\'many\'>x</Say></Response>',
    );
    expect(instructions).toEqual([{ say: { text: 'x', voice: 'a&b', loop: 1 } }]);
    expect(warnings).toMatchObject([
      {
        code: 'document.bad-attribute',
        params: { element: 'Say', attribute: 'loop', value: 'many', line: 3, column: 3 },
      },
    ]);
  });

  it.each([
    '<Gather input="speech"/>',
    '<Gather input="dtmf speech"/>',
    '<Dial record="record-from-answer">123</Dial>',
    '<Dial referUrl="/refer">123</Dial>',
    '<Dial><Number url="/whisper">123</Number></Dial>',
    '<Dial><Sip username="a">sip:a@example.com</Sip></Dial>',
    '<Dial><Sip password="b">sip:a@example.com</Sip></Dial>',
  ])('that are TwiML and not run say so: %s', (body) => {
    const error = faultIn(body);
    expect(error.code).toBe('document.unsupported-attribute');
    expect(error.message).toContain('is TwiML that this version does not run');
  });

  it('that ask for nothing special are let pass', () => {
    expect(parse('<Dial record="do-not-record" recordingStatusCallback="/r">123</Dial>')).toEqual(
      parse('<Dial>123</Dial>'),
    );
    expect(parse('<Gather language="en-GB" hints="" bargeIn="true"/>')).toEqual(parse('<Gather/>'));
  });

  it('never show credentials in a message', () => {
    const messages = [
      faultIn('<Dial><Sip password="hunter2">sip:a@example.com</Sip></Dial>').message,
      warningIn('<Dial><Number password="hunter2">123</Number></Dial>').message,
      faultIn('<Gather action="ftp://anna:hunter2@example.com"/>').message,
      faultIn('<Play>ftp://anna:hunter2@example.com/a.wav</Play>').message,
      faultIn('<Dial><Sip>sip:anna:hunter2@exam_ple.com</Sip></Dial>').message,
      faultIn('<Redirect>http://anna:hunter2@:x/</Redirect>').message,
      warningIn('see https://anna:hunter2@example.com').message,
    ];
    for (const message of messages) expect(message).not.toMatch(/hunter2|secret/);
  });
});

describe('parts that mean nothing', () => {
  it.each([
    ['<Say></Say>', 'has no text to say'],
    ['<Say> \n </Say>', 'has no text to say'],
    ['<Say><break time="1s"/></Say>', 'has no text to say'],
    ['<Play/>', 'names no audio URL'],
    ['<Play digits=""/>', 'names no audio URL'],
    ['<Dial/>', 'names nobody'],
    ['<Dial><Number></Number></Dial>', 'names nobody'],
    ['<Dial><Sip/></Dial>', 'names nobody'],
    ['hello', 'holds the text "hello"'],
  ])('are left out with a warning, and the rest is carried out: %s', (body, said) => {
    const { instructions, warnings } = readWith(`<Response><Pause/>${body}<Hangup/></Response>`);
    expect(instructions).toEqual([{ pause: { length: 1 } }, { hangup: {} }]);
    expect(warnings.map(({ message }) => message).join(' ')).toContain(said);
    expect(warnings[0]!.params).toMatchObject({ line: 1, column: expect.any(Number) });
  });

  it('are left out of what surrounds them', () => {
    const { instructions, warnings } = readWith(
      `<Response loop="1"><Gather timeout="" numDigits="" action="">press<Say/><Play>a.wav</Play></Gather>
      <Dial callerId="" timeout=""><Number> </Number><Number sendDigits="">123</Number></Dial></Response>`,
    );
    expect(instructions).toEqual([
      ...parse('<Gather><Play>a.wav</Play></Gather>'),
      ...parse('<Dial><Number>123</Number></Dial>'),
    ]);
    expect(warnings).toHaveLength(9);
  });

  it('are told to the action of a Dial that calls nobody', () => {
    expect(readWith('<Response><Dial action="/after"></Dial></Response>').instructions).toMatchObject([
      { dial: { targets: [], action: expect.stringContaining('/after') } },
    ]);
  });
});

describe('references (RFC 3986, section 5.4)', () => {
  const at = { url: 'http://a/b/c/d;p?q' };
  const resolved = (reference: string) => {
    const xml = `<Response><Redirect>${reference.replaceAll('&', '&amp;')}</Redirect></Response>`;
    return parseDocument(xml, at).map((one) => ('redirect' in one ? one.redirect.url : undefined))[0];
  };
  it.each([
    ['g', 'http://a/b/c/g'],
    ['./g', 'http://a/b/c/g'],
    ['g/', 'http://a/b/c/g/'],
    ['/g', 'http://a/g'],
    ['//g', 'http://g/'],
    ['?y', 'http://a/b/c/d;p?y'],
    ['g?y', 'http://a/b/c/g?y'],
    ['#s', 'http://a/b/c/d;p?q#s'],
    ['g#s', 'http://a/b/c/g#s'],
    ['g?y#s', 'http://a/b/c/g?y#s'],
    [';x', 'http://a/b/c/;x'],
    ['g;x', 'http://a/b/c/g;x'],
    ['g;x?y#s', 'http://a/b/c/g;x?y#s'],
    ['', 'http://a/b/c/d;p?q'],
    ['.', 'http://a/b/c/'],
    ['./', 'http://a/b/c/'],
    ['..', 'http://a/b/'],
    ['../g', 'http://a/b/g'],
    ['../..', 'http://a/'],
    ['../../g', 'http://a/g'],
    ['../../../g', 'http://a/g'],
    ['../../../../g', 'http://a/g'],
    ['/./g', 'http://a/g'],
    ['/../g', 'http://a/g'],
    ['g.', 'http://a/b/c/g.'],
    ['..g', 'http://a/b/c/..g'],
    ['./../g', 'http://a/b/g'],
    ['g/./h', 'http://a/b/c/g/h'],
    ['g/../h', 'http://a/b/c/h'],
    ['g;x=1/./y', 'http://a/b/c/g;x=1/y'],
    ['g;x=1/../y', 'http://a/b/c/y'],
    ['g?y/./x', 'http://a/b/c/g?y/./x'],
    ['g#s/../x', 'http://a/b/c/g#s/../x'],
    ['?a=1&b=2', 'http://a/b/c/d;p?a=1&b=2'],
  ])('%j is %s', (reference, url) => expect(resolved(reference)).toBe(url));

  it('are resolved the same wherever a URL stands', () => {
    expect(
      parseDocument(
        '<Response><Gather action=""/><Gather action="?y"/><Dial action="#s">1</Dial><Play>../g</Play></Response>',
        at,
      ),
    ).toMatchObject([
      { gather: { action: 'http://a/b/c/d;p?q' } },
      { gather: { action: 'http://a/b/c/d;p?y' } },
      { dial: { action: 'http://a/b/c/d;p?q#s' } },
      { play: { url: 'http://a/b/g' } },
    ]);
  });

  it('do not take the fragment of their document’s URL', () => {
    expect(parseDocument('<Response><Redirect/></Response>', { url: 'http://a/b#c' })).toMatchObject([
      { redirect: { url: 'http://a/b' } },
    ]);
  });
});

describe('Say', () => {
  it('says its text with white space collapsed', () => {
    expect(parse('<Say>\n  Hello,\n  <![CDATA[<Anna>]]> &amp; friends </Say>')).toEqual([
      { say: { text: 'Hello, <Anna> & friends', loop: 1 } },
    ]);
  });

  it('keeps voice, language and loop', () => {
    expect(parse('<Say voice=" alice " language="en-GB" loop="0">Hi</Say>')).toEqual([
      { say: { text: 'Hi', voice: 'alice', language: 'en-GB', loop: 0 } },
    ]);
  });

  it('takes the words out of SSML', () => {
    const ssml = `<Say><p>One<break time="1s"/>two</p><s>un<emphasis level="strong">believ</emphasis>able</s>
      <sub alias="World Wide Web Consortium">W3C</sub></Say>`;
    expect(parse(ssml)).toEqual([
      { say: { text: 'One two unbelievable World Wide Web Consortium', loop: 1 } },
    ]);
  });

  it('refuses too much, and tags that are not SSML', () => {
    expect(faultIn(`<Say>${'x'.repeat(4097)}</Say>`).code).toBe('document.bad-content');
    expect(faultIn('<Say><prosodi>x</prosodi></Say>').message).toContain('Did you mean <prosody>?');
  });
});

describe('Play', () => {
  it('plays a URL, resolved against the document', () => {
    expect(parse('<Play loop="2"> ../hold.mp3 </Play>')).toEqual([
      { play: { url: 'https://anna:secret@app.example.com/hold.mp3', loop: 2 } },
    ]);
    expect(parse('<Play>http://cdn.example.net/a.wav</Play>')).toEqual([
      { play: { url: 'http://cdn.example.net/a.wav', loop: 1 } },
    ]);
  });

  it('plays digits', () => {
    expect(parse('<Play digits="ww12#"/>')).toEqual([{ play: { url: '', loop: 1, digits: 'ww12#' } }]);
  });

  it.each(['<Play digits="1">a.wav</Play>', '<Play>file:///etc/passwd</Play>', '<Play>a b</Play>'])(
    'refuses %s',
    (body) => expect(faultIn(body).code).toBe('document.bad-content'),
  );
});

describe('Pause, Reject, Hangup, Redirect', () => {
  it('are read with their attributes and defaults', () => {
    const body = '<Pause length="10"/><Reject/><Reject reason="Busy"/><Hangup></Hangup>';
    expect(parse(body)).toEqual([
      { pause: { length: 10 } },
      { reject: { reason: 'rejected' } },
      { reject: { reason: 'busy' } },
      { hangup: {} },
    ]);
    expect(parse('<Redirect method="get">?step=2</Redirect>')).toEqual([
      { redirect: { url: 'https://anna:secret@app.example.com/voice/start?step=2', method: 'GET' } },
    ]);
    expect(parse('<Redirect>//b.example.com/c</Redirect>')).toEqual([
      { redirect: { url: 'https://b.example.com/c', method: 'POST' } },
    ]);
  });

  it('refuses a Redirect to nowhere', () => {
    expect(faultIn('<Redirect>javascript:alert(1)</Redirect>').code).toBe('document.bad-content');
  });
});

describe('Gather', () => {
  it('has defaults, and its own document as action', () => {
    expect(parse('<Gather/>')).toEqual([
      {
        gather: {
          input: ['dtmf'],
          finishOnKey: '#',
          timeout: 5,
          action: base.url,
          method: 'POST',
          actionOnEmptyResult: false,
          prompts: [],
        },
      },
    ]);
  });

  it('reads everything', () => {
    const body = `<Gather input="dtmf" numDigits="4" finishOnKey="" timeout="10" action="/pin" method="GET"
      actionOnEmptyResult="true"><Say>Your number?</Say><Pause/><Play>beep.wav</Play></Gather>`;
    expect(parse(body)).toEqual([
      {
        gather: {
          input: ['dtmf'],
          numDigits: 4,
          finishOnKey: '',
          timeout: 10,
          action: 'https://anna:secret@app.example.com/pin',
          method: 'GET',
          actionOnEmptyResult: true,
          prompts: [
            { say: { text: 'Your number?', loop: 1 } },
            { pause: { length: 1 } },
            { play: { url: 'https://anna:secret@app.example.com/voice/beep.wav', loop: 1 } },
          ],
        },
      },
    ]);
  });
});

describe('Dial', () => {
  const defaults = {
    sequential: false,
    timeout: 30,
    method: 'POST',
    answerOnBridge: false,
    hangupOnStar: false,
  };

  it.each([
    ['415-123-4567', '4151234567'],
    ['+1 (415) 123-4567', '+14151234567'],
    ['\n  911\n', '911'],
  ])('takes text as one number: %j', (written, number) => {
    expect(parse(`<Dial>${written}</Dial>`)).toEqual([
      { dial: { targets: [{ number: { number } }], ...defaults } },
    ]);
  });

  it('reads everything', () => {
    const body = `<Dial timeout="20" timeLimit="600" callerId="+1 415 555 0123" action="after" method="GET"
      sequential="true" answerOnBridge="true" hangupOnStar="true" ringTone="UK">
        <Number sendDigits="wwww1928">415.123.4567</Number>
        <Sip>sip:bob@example.com:5080;transport=tcp</Sip>
        <Sip>sips:[2001:db8::1]?x-customer=Ann%20B&amp;X-Order=7</Sip>
      </Dial>`;
    expect(parse(body)).toEqual([
      {
        dial: {
          targets: [
            { number: { number: '4151234567', sendDigits: 'wwww1928' } },
            { sip: { uri: 'sip:bob@example.com:5080;transport=tcp' } },
            {
              sip: {
                uri: 'sips:[2001:db8::1]',
                headers: {
                  fields: [
                    { name: 'x-customer', value: 'Ann B' },
                    { name: 'X-Order', value: '7' },
                  ],
                },
              },
            },
          ],
          sequential: true,
          timeout: 20,
          callerId: '+14155550123',
          action: 'https://anna:secret@app.example.com/voice/after',
          method: 'GET',
          answerOnBridge: true,
          ringTone: 'uk',
          hangupOnStar: true,
          timeLimit: 600,
        },
      },
    ]);
  });

  it.each([
    '<Dial>anna</Dial>',
    '<Dial>+0123</Dial>',
    '<Dial>1234567890123456</Dial>',
    '<Dial>123<Number>123</Number></Dial>',
    `<Dial>${'<Number>123</Number>'.repeat(11)}</Dial>`,
    '<Dial><Sip>anna@example.com</Sip></Dial>',
    '<Dial><Sip>sip:anna@example.com?Route=1</Sip></Dial>',
    '<Dial><Sip>sip:anna@exam&lt;ple.com</Sip></Dial>',
    `<Dial><Sip>sip:anna@${'e'.repeat(300)}</Sip></Dial>`,
  ])('refuses %s', (body) => expect(faultIn(body).code).toBe('document.bad-content'));
});
