import { describe, expect, it } from '@jest/globals';
import { fromTag, toTag } from './message-fields.ts';
import { parseMessage } from './parse-message.ts';

const requestWith = (address: string) => {
  const lines = [
    'BYE sip:tandem@192.0.2.1 SIP/2.0',
    'Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1',
    `From: ${address}`,
    `To: ${address}`,
    'Call-ID: 1',
    'CSeq: 1 BYE',
    'Content-Length: 0',
    '',
    '',
  ];
  const parsed = parseMessage(Buffer.from(lines.join('\r\n')));
  if (!('message' in parsed)) throw parsed.error;
  return parsed.message;
};

describe('the tag of a dialog', () => {
  it.each([
    ['of the address', '<sip:a@b>;tag=real', 'real'],
    ['without brackets', 'sip:a@b;tag=real', 'real'],
    ['by another case', '<sip:a@b>;TAG=real', 'real'],
    ['not that of a display name', '"x;tag=evil" <sip:a@b>;tag=real', 'real'],
    ['not that of a display name with a quoted quote', '"x\\";tag=evil" <sip:a@b>;tag=real', 'real'],
    ['not that of the URI', '<sip:a@b;tag=evil>;tag=real', 'real'],
    ['not that of a quoted parameter before it', '<sip:a@b>;x="y;tag=evil";tag=real', 'real'],
    ['not that of a quoted parameter behind it', '<sip:a@b>;tag=real;x="y;tag=evil"', 'real'],
    ['not that of a quoted parameter with a quoted quote', '<sip:a@b>;x="\\";tag=evil";tag=real', 'real'],
    ['not that of a parameter whose name ends so', '<sip:a@b>;mytag=evil;tag=real', 'real'],
    ['none where only a display name has one', '"x;tag=evil" <sip:a@b>', undefined],
    ['none where only the URI has one', '<sip:a@b;tag=evil>', undefined],
    ['none where only a quoted parameter has one', '<sip:a@b>;x="y;tag=evil"', undefined],
  ])('is %s', (_, address, tag) => {
    const request = requestWith(address);
    expect([fromTag(request), toTag(request)]).toEqual([tag, tag]);
  });
});
