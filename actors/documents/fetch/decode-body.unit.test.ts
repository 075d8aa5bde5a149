import { describe, expect, it } from '@jest/globals';
import { decodeBody } from './decode-body.ts';

const XML = '<Response><Say>Grüß „Gott“ 5 €</Say></Response>';
const declaring = (encoding: string, xml = XML) => `<?xml version="1.0" encoding="${encoding}"?>${xml}`;
const utf16 = (text: string, order: 'le' | 'be') =>
  order === 'le' ? Buffer.from(text, 'utf16le') : Buffer.from(text, 'utf16le').swap16();
const marked = (mark: number[], body: Buffer) => Buffer.concat([Buffer.from(mark), body]);
/** In windows-1252, of which these characters are outside ISO-8859-1. */
const cp1252 = (text: string) =>
  Buffer.from(text.replaceAll('„', '\x84').replaceAll('“', '\x93').replaceAll('€', '\x80'), 'latin1');

describe('an answer’s character set', () => {
  it.each<[string, string, Buffer, string]>([
    ['UTF-8 when nobody says', 'text/xml', Buffer.from(XML), XML],
    ['the content type’s', 'text/xml; charset=windows-1252', cp1252(XML), XML],
    ['windows-1252 for ISO-8859-1', 'text/xml;charset="ISO-8859-1"', cp1252(XML), XML],
    ['the declaration’s', 'text/xml', cp1252(declaring('iso-8859-1')), declaring('iso-8859-1')],
    [
      'the content type’s before the declaration’s',
      'text/xml; charset=utf-8',
      Buffer.from(declaring('ISO-8859-1')),
      declaring('ISO-8859-1'),
    ],
    [
      'the mark’s before the content type’s',
      'text/xml; charset=iso-8859-1',
      marked([0xef, 0xbb, 0xbf], Buffer.from(XML)),
      XML,
    ],
    ['UTF-16 with a mark', 'text/xml', marked([0xfe, 0xff], utf16(XML, 'be')), XML],
    ['UTF-16 with the other mark', 'text/xml; charset=utf-16', marked([0xff, 0xfe], utf16(XML, 'le')), XML],
    ['UTF-16 without a mark', 'text/xml; charset=utf-16', utf16(XML, 'be'), XML],
    ['UTF-16 without a mark, little-endian', 'text/xml; charset=UTF-16', utf16(XML, 'le'), XML],
    ['UTF-16 that nobody names', 'application/xml', utf16(declaring('UTF-16'), 'be'), declaring('UTF-16')],
    [
      'not UTF-16 where only the declaration says so',
      'text/xml',
      Buffer.from(declaring('utf-16')),
      declaring('utf-16'),
    ],
    ['UTF-8 for one that nobody knows', 'text/xml; charset=klingon', Buffer.from(XML), XML],
    [
      'the declaration’s after one that nobody knows',
      'text/xml; charset=klingon',
      cp1252(declaring('windows-1252')),
      declaring('windows-1252'),
    ],
  ])('is %s', (_, contentType, body, text) => {
    expect(decodeBody({ body, contentType })).toBe(text);
  });
});
